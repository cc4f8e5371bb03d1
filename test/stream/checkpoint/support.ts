/** Checkpoints to save, and any that there may be (fast-check). */
import fc from 'fast-check';
import { expect } from 'vitest';
import { CheckpointError, type CheckpointTrouble } from '../../../src/stream/checkpoint/checkpoint-error.ts';
import type { Checkpoint, GuestState } from '../../../src/stream/contracts.ts';

export const pageBytes = 65_536;

export function checkpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    formatVersion: 1,
    job: 'job',
    epoch: 1,
    fencingToken: 1,
    savedAtMs: 1000.5,
    input: {
      position: [{ partition: '0', offset: 17, at: 4321 }],
      sources: [{ partition: '0', identity: { kind: 'file', device: '1', inode: '2', sizeBytes: 9000 } }],
    },
    output: { kind: 'none' },
    gaps: [{ partition: '0', fromOffset: 3, toOffset: 5, count: 2, reason: 'dropped' }],
    inFlight: [
      {
        partition: '0',
        readOffset: 21,
        open: [
          [17, 18],
          [19, 21],
        ],
      },
    ],
    guestStates: [],
    controller: { lanes: 2 },
    configVersion: 'v1',
    version: null,
    moduleHash: null,
    metadata: { note: 'hello' },
    ...changes,
  };
}

/** A memory whose pages are filled with these numbers. */
export function state(pages: readonly number[], changes: Partial<GuestState> = {}): GuestState {
  const bytes = new Uint8Array(pages.length * pageBytes);
  pages.forEach((value, index) => bytes.fill(value, index * pageBytes, (index + 1) * pageBytes));
  return {
    instance: '0',
    memories: [{ name: 'memory', pages: pages.length, bytes }],
    globals: [{ name: 'count', type: 'i64', value: '-7' }],
    snapshot: null,
    ...changes,
  };
}

/** The numbers that its pages are filled with. */
export function filledWith(states: readonly GuestState[]): number[][] {
  return states.flatMap(({ memories }) =>
    memories.map(({ bytes, pages }) => Array.from({ length: pages }, (_, page) => bytes[page * pageBytes] as number)),
  );
}

export function refuses(work: () => unknown, trouble: CheckpointTrouble, message: RegExp): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CheckpointError);
  expect(thrown).toMatchObject({ trouble, message: expect.stringMatching(message) });
}

/** JSON has no negative zero. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'binary', maxLength: 12 });
const identity = fc.record(
  { kind: text, device: text, inode: text, sizeBytes: count, prefixHash: text, prefixBytes: count },
  { requiredKeys: ['kind'], noNullPrototype: true },
);

const memory = fc.array(fc.nat({ max: 2 }), { maxLength: 4 }).map((pages) => state(pages).memories[0] as never);

const guestStates = fc.uniqueArray(
  fc.record<GuestState>(
    {
      instance: text,
      memories: fc.array(memory, { maxLength: 1 }),
      globals: fc.array(fc.record({ name: text, type: text, value: text }, { noNullPrototype: true }), {
        maxLength: 2,
      }),
      snapshot: fc.option(fc.uint8Array({ maxLength: 40 })),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 3, selector: ({ instance }) => instance },
);

export const anyCheckpoint: fc.Arbitrary<Checkpoint> = fc.record(
  {
    formatVersion: fc.constant(1),
    job: text,
    epoch: count,
    fencingToken: count,
    savedAtMs: fc.double({ noNaN: true, noDefaultInfinity: true }).map((ms) => ms + 0),
    input: fc.record(
      {
        position: fc.array(fc.record({ partition: text, offset: count, at: count }, { noNullPrototype: true })),
        sources: fc.array(fc.record({ partition: text, identity: fc.option(identity) }, { noNullPrototype: true })),
      },
      { noNullPrototype: true },
    ),
    output: fc.oneof(
      fc.record({ kind: fc.constant('file' as const), durableBytes: count, identity }, { noNullPrototype: true }),
      fc.record({ kind: fc.constant('rows' as const), rows: count }, { noNullPrototype: true }),
      fc.constant({ kind: 'none' as const }),
    ),
    gaps: fc.array(
      fc.record(
        {
          partition: text,
          count,
          fromOffset: count,
          toOffset: count,
          reason: fc.constantFrom('dropped' as const, 'sampled-out' as const, 'skipped' as const),
        },
        { noNullPrototype: true },
      ),
    ),
    inFlight: fc.array(
      fc.record(
        { partition: text, readOffset: count, open: fc.array(fc.nat(1000).map((n) => [n, n + 1] as [number, number])) },
        { noNullPrototype: true },
      ),
    ),
    guestStates,
    controller: json,
    configVersion: text,
    version: fc.option(text),
    moduleHash: fc.option(text),
    metadata: json,
  },
  { noNullPrototype: true },
);
