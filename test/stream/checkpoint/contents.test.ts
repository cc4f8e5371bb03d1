import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeContainer } from '../../../src/stream/checkpoint/container.ts';
import {
  type Base,
  checkBase,
  composeCheckpoint,
  type DecodedCheckpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../src/stream/checkpoint/contents.ts';
import type { KnownPages } from '../../../src/stream/checkpoint/guest-sections.ts';
import type { Checkpoint } from '../../../src/stream/contracts.ts';
import { anyCheckpoint, checkpoint, filledWith, pageBytes, refuses, state } from './support.ts';

const none: KnownPages = new Map();
const mostBytes = 2 ** 30;

function bytesOf(one: Checkpoint, base: Base | null = null, known = none): Buffer {
  return Buffer.concat(encodeCheckpoint(one, base, known).parts);
}

function readBack(bytes: Uint8Array, older: readonly DecodedCheckpoint[] = []): Checkpoint {
  return composeCheckpoint(decodeCheckpoint(bytes), older, mostBytes);
}

it('what was written is read back exactly', () => {
  fc.assert(
    fc.property(anyCheckpoint, (one) => {
      expect(readBack(bytesOf(one))).toStrictEqual({ ...one, guestStates: one.guestStates.map(sameBytes) });
    }),
    { numRuns: 300 },
  );
});

/** Memories come back in shared memory. */
function sameBytes(one: Checkpoint['guestStates'][number]) {
  return {
    ...one,
    snapshot: one.snapshot && expect.objectContaining([...one.snapshot]),
    memories: one.memories.map((memory) => ({ ...memory, bytes: expect.anything() })),
  };
}

it('memories are read back exactly', () => {
  const states = [state([1, 0, 2]), state([0, 0], { instance: '1' })];
  const read = readBack(bytesOf(checkpoint({ guestStates: states })));
  for (const [index, { memories }] of read.guestStates.entries())
    expect(Buffer.compare(memories[0]?.bytes ?? Buffer.of(), states[index]?.memories[0]?.bytes ?? Buffer.of())).toBe(0);
});

it('a byte that was changed anywhere is found, and one that is missing or too many', () => {
  const bytes = bytesOf(checkpoint({ guestStates: [state([1, 0, 2])], metadata: 'm' }));
  const step = 97;
  for (let at = 0; at < bytes.length; at += at < 1000 ? 1 : step) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
    refuses(() => decodeCheckpoint(flipped), 'damaged', /./);
    refuses(() => decodeCheckpoint(bytes.subarray(0, at)), 'damaged', /./);
  }
  refuses(() => decodeCheckpoint(Buffer.concat([bytes, Buffer.of(0)])), 'damaged', /expected \d+ bytes, got/);
});

it('says which section is damaged', () => {
  const bytes = bytesOf(checkpoint({ metadata: 'findable' }));
  const at = bytes.indexOf('findable');
  bytes[at] = 0;
  refuses(() => decodeCheckpoint(bytes), 'damaged', /section 'metadata'/);
});

it('another version is refused by its number', () => {
  const bytes = bytesOf(checkpoint());
  bytes.writeUInt32BE(2, 8);
  refuses(() => decodeCheckpoint(bytes), 'damaged', /expected format version 1, got 2/);
  // Whole as that version has it: it is not damaged.
  const end = 16 + 9 * 48;
  createHash('sha256').update(bytes.subarray(0, end)).digest().copy(bytes, end);
  refuses(() => decodeCheckpoint(bytes), 'unfit', /got 2, of another version of this package/);
});

it('any bytes at all are a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      refuses(() => decodeCheckpoint(bytes), 'damaged', /./);
    }),
  );
});

it('a file that was made up, with digests that are right, is refused before memory is allocated for it', () => {
  const json = (value: unknown) => [Buffer.from(JSON.stringify(value))];
  const forged = (changes: object) => {
    const { parts } = encodeContainer({
      run: json({
        job: 'j',
        epoch: 1,
        fencingToken: 1,
        savedAtMs: 0,
        configVersion: '',
        version: null,
        moduleHash: null,
        base: null,
      }),
      input: json({ position: [], sources: [] }),
      output: json({ kind: 'none' }),
      gaps: json({ gaps: [], inFlight: [] }),
      guest: json([]),
      pages: [],
      snapshots: [],
      controller: json(null),
      metadata: json(null),
      ...changes,
    });
    return Buffer.concat(parts);
  };
  const memories = (pages: number) => ({
    guest: json([{ instance: '0', memories: [{ name: 'm', pages }], globals: [], snapshotBytes: null }]),
  });
  expect(readBack(forged({}))).toMatchObject({ job: 'j' });
  refuses(() => decodeCheckpoint(forged(memories(2 ** 40))), 'damaged', /hashes of 1099511627776 pages/);
  refuses(() => decodeCheckpoint(forged(memories(-1))), 'damaged', /section 'guest'/);
  refuses(() => decodeCheckpoint(forged({ run: json({}) })), 'damaged', /section 'run'/);
  refuses(() => decodeCheckpoint(forged({ gaps: [Buffer.from('{')] })), 'damaged', /expected JSON/);
  refuses(() => decodeCheckpoint(forged({ snapshots: [Buffer.of(1)] })), 'damaged', /0 and 1 bytes more/);
  const snapshot = { guest: json([{ instance: '0', memories: [], globals: [], snapshotBytes: 9 }]) };
  refuses(() => decodeCheckpoint(forged(snapshot)), 'damaged', /0 and -9 bytes more/);
});

it('memories that would take more than may be are refused', () => {
  const decoded = decodeCheckpoint(bytesOf(checkpoint({ guestStates: [state([0, 0, 0])] })));
  refuses(() => composeCheckpoint(decoded, [], 2 * pageBytes), 'damaged', /at most 131072 bytes together, got 3 pages/);
});

it('holds only the pages that have changed since what it builds on, and is put together from all', () => {
  const first = encodeCheckpoint(checkpoint({ guestStates: [state([1, 2, 3, 0])] }), null, none);
  const base: Base = { fencingToken: 1, epoch: 1, digest: first.digest, depth: 0 };
  const next = checkpoint({ epoch: 2, guestStates: [state([1, 9, 3, 0, 7])] });
  const second = encodeCheckpoint(next, base, first.known);
  expect(second.bytes).toBeLessThan(first.bytes);
  expect(second.bytes).toBeGreaterThan(2 * pageBytes);
  const older = decodeCheckpoint(Buffer.concat(first.parts));
  const newest = decodeCheckpoint(Buffer.concat(second.parts));
  checkBase(newest, older);
  expect(filledWith(composeCheckpoint(newest, [older], mostBytes).guestStates)).toEqual([[1, 9, 3, 0, 7]]);
});

it('another base than the one it was built on is found, by its digest and by its pages', () => {
  const first = encodeCheckpoint(checkpoint({ guestStates: [state([1, 2])] }), null, none);
  const base: Base = { fencingToken: 1, epoch: 1, digest: first.digest, depth: 0 };
  const second = decodeCheckpoint(bytesOf(checkpoint({ epoch: 2, guestStates: [state([1, 5])] }), base, first.known));
  const other = decodeCheckpoint(bytesOf(checkpoint({ guestStates: [state([4, 2])] })));
  refuses(() => checkBase(second, other), 'damaged', /expected what it builds on/);
  refuses(() => composeCheckpoint(second, [other], mostBytes), 'damaged', /page 0 .* found none of its hash/);
  refuses(() => composeCheckpoint(second, [], mostBytes), 'damaged', /page 0/);
});

it('what could not be read back is not written', () => {
  refuses(() => bytesOf(checkpoint({ metadata: 1n })), 'unfit', /metadata/);
  refuses(() => bytesOf(checkpoint({ epoch: 0.5 })), 'unfit', /'run' as the contract has it/);
  refuses(() => bytesOf(checkpoint({ formatVersion: 2 })), 'unfit', /format version 1, got 2/);
  const short = { name: 'memory', pages: 2, bytes: new Uint8Array(pageBytes) };
  refuses(() => bytesOf(checkpoint({ guestStates: [state([], { memories: [short] })] })), 'unfit', /with 2 pages/);
});
