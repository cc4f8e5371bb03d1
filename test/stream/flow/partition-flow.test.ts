import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlowEntry, RunMoment } from '../../../src/stream/flow/entry.ts';
import { PartitionFlow } from '../../../src/stream/flow/partition-flow.ts';

const nothing = new Uint8Array(0);
const moves = fc.array(
  fc.record({
    kind: fc.constantFrom('admit' as const, 'admit' as const, 'leave-out' as const, 'done' as const, 'done' as const),
    frameBytes: fc.integer({ min: 1, max: 9 }),
    which: fc.nat(),
    isSkipped: fc.boolean(),
  }),
  { maxLength: 300 },
);

function admit(flow: PartitionFlow, frameBytes: number): FlowEntry {
  return flow.open(nothing, frameBytes, 1, new RunMoment(0, 0));
}

describe('the committed position', () => {
  it('is behind the contiguous prefix of records that are done with or were left out, in records and in bytes', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const flow = new PartitionFlow({ partition: 'p', offset: 5, at: 100 }, {});
        const ends = [100];
        const isDone: boolean[] = [];
        const gone: number[] = [];
        const open: FlowEntry[] = [];
        for (const { kind, frameBytes, which, isSkipped } of all) {
          if (kind === 'done') {
            const [entry] = open.splice(which % (open.length || 1), 1);
            if (!entry) continue;
            if (isSkipped) {
              entry.gap = 'skipped';
              gone.push(entry.offset);
            }
            isDone[entry.offset - 5] = true;
            flow.done(entry);
          } else {
            ends.push((ends.at(-1) as number) + frameBytes);
            isDone.push(kind === 'leave-out');
            if (kind === 'admit') open.push(admit(flow, frameBytes));
            else {
              gone.push(flow.read.offset);
              flow.leaveOut(frameBytes, 'dropped');
            }
          }
          const firstOpen = isDone.indexOf(false);
          const prefix = firstOpen < 0 ? isDone.length : firstOpen;
          expect(flow.committed).toEqual({ partition: 'p', offset: 5 + prefix, at: ends[prefix] });
          expect(flow.read).toEqual({ partition: 'p', offset: 5 + isDone.length, at: ends.at(-1) });
        }
        const told = flow.gaps.takeBefore(Number.POSITIVE_INFINITY);
        expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(gone.length);
        for (const offset of gone)
          expect(told.some(({ fromOffset, toOffset }) => fromOffset <= offset && offset < toOffset)).toBe(true);
      }),
    );
  });

  it('passes over exactly what an earlier run was done with, through any number of restarts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ reads: fc.nat(12), ends: fc.array(fc.nat(30), { maxLength: 12 }) }), { maxLength: 6 }),
        (lives) => {
          const done = new Set<number>();
          const again: number[] = [];
          let flow = new PartitionFlow({ partition: 'p', offset: 0, at: 0 }, {});
          for (const { reads, ends } of lives) {
            const open: FlowEntry[] = [];
            for (let read = 0; read < reads; read++) {
              const { offset } = flow.read;
              expect(flow.comesDone).toBe(done.has(offset));
              if (flow.comesDone) flow.passOver(10);
              else open.push(admit(flow, 10));
            }
            for (const which of ends) {
              const [entry] = open.splice(which % Math.max(1, open.length), 1);
              if (!entry) continue;
              if (done.has(entry.offset)) again.push(entry.offset);
              done.add(entry.offset);
              flow.done(entry);
            }
            const { committed } = flow;
            expect(committed.at).toBe(10 * committed.offset);
            expect([...done].filter((offset) => offset < committed.offset)).toHaveLength(committed.offset);
            flow = new PartitionFlow(committed, {}, null, flow.inFlight(committed.offset));
          }
          expect(again).toEqual([]);
        },
      ),
    );
  });

  it('takes no memory for records that are left out while the sink is dead', () => {
    const flow = new PartitionFlow({ partition: 'p', offset: 0, at: 0 }, {});
    const first = admit(flow, 10);
    for (let i = 0; i < 1_000_000; i++) flow.leaveOut(10, 'dropped');
    expect(flow.inFlight()).toEqual({ partition: 'p', readOffset: 1_000_001, open: [[0, 1]] });
    expect(flow.committed.offset).toBe(0);
    flow.done(first);
    expect(flow.committed).toEqual({ partition: 'p', offset: 1_000_001, at: 10_000_010 });
    expect(flow.gaps.takeBefore(1_000_001)).toEqual([
      { partition: 'p', fromOffset: 1, toOffset: 1_000_001, count: 1_000_000, reason: 'dropped' },
    ]);
  });

  it('tells gaps once, when they lie before the position, and few ranges however many there are', () => {
    const flow = new PartitionFlow({ partition: 'p', offset: 0, at: 0 }, {});
    const entries: FlowEntry[] = [];
    for (let i = 0; i < 20_000; i++) {
      flow.leaveOut(1, 'sampled-out');
      entries.push(admit(flow, 1));
    }
    expect(flow.gaps.takeBefore(10)).toHaveLength(5);
    const rest = flow.gaps.takeBefore(40_000);
    expect(rest.length).toBeLessThan(2048);
    expect(rest.reduce((sum, { count }) => sum + count, 0)).toBe(20_000 - 5);
    expect(flow.gaps.takeBefore(40_000)).toEqual([]);
  });
});

describe('the order of a partition', () => {
  it('is kept by what leaves, and a record that is done with holds up none behind it, whether it left or not', () => {
    const flow = new PartitionFlow({ partition: 'p', offset: 0, at: 0 }, {});
    const [first, second, third] = [admit(flow, 1), admit(flow, 1), admit(flow, 1)] as const;
    const left: FlowEntry[] = [];
    const leave = (entry: FlowEntry) => {
      entry.outputs = [nothing];
      flow.leave(entry, (one) => left.push(one));
    };
    leave(third);
    expect(left).toEqual([]);
    flow.done(first);
    leave(second);
    expect(left.map(({ offset }) => offset)).toEqual([1, 2]);
  });
});
