import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  frameHeaderBytes,
  mostUntoldShare,
  RingMemory,
  RingReader,
  RingWriter,
  ringBytes,
} from '../../../../src/sandbox/run/ring/byte-ring.ts';

const capacityBytes = 256;

function ring(memory = new SharedArrayBuffer(ringBytes(capacityBytes)), ofBytes = capacityBytes) {
  const seen = new RingMemory(memory, 0, ofBytes);
  return { seen, writer: new RingWriter(seen), reader: new RingReader(seen) };
}

type Ring = ReturnType<typeof ring>;

/** Writes a frame of so many cells whose cells all hold `mark`. @returns false where it did not fit */
function write({ seen, writer }: Ring, cells: number, mark: number): boolean {
  const bytes = frameHeaderBytes + 8 * cells;
  const at = writer.place(bytes, 0);
  if (at < 0) return false;
  seen.ints[(at >> 2) + 1] = mark;
  seen.floats.fill(mark, (at >> 3) + 1, (at + bytes) >> 3);
  writer.publish(bytes);
  return true;
}

/** The mark and the cells of the next frame; undefined where there is none. */
function read({ seen, reader }: Ring): readonly [number, readonly number[]] | undefined {
  const at = reader.next();
  if (at < 0) return undefined;
  const frame = [
    seen.ints[(at >> 2) + 1] as number,
    [...seen.floats.subarray((at >> 3) + 1, (at + reader.frameBytes) >> 3)],
  ] as const;
  reader.done();
  return frame;
}

const steps = fc.array(fc.oneof(fc.record({ cells: fc.integer({ min: 0, max: 24 }) }), fc.constant('read' as const)), {
  maxLength: 300,
});

it('a ring gives back what was written, whole, in order and once, however often it wraps and is full', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const one = ring();
      const queue: { readonly mark: number; readonly cells: number; readonly takenBytes: number }[] = [];
      let mark = 0;
      let tail = 0;
      for (const step of taken) {
        if (step === 'read') {
          const first = queue.shift();
          expect(read(one)).toEqual(first && [first.mark, Array(first.cells).fill(first.mark)]);
          continue;
        }
        const bytes = frameHeaderBytes + 8 * step.cells;
        const toEnd = capacityBytes - (tail % capacityBytes);
        const takenBytes = bytes + (bytes > toEnd ? toEnd : 0);
        const usedBytes = queue.reduce((sum, frame) => sum + frame.takenBytes, 0);
        if (write(one, step.cells, ++mark)) {
          expect(usedBytes + takenBytes).toBeLessThanOrEqual(capacityBytes);
          queue.push({ mark, cells: step.cells, takenBytes });
          tail += takenBytes;
        } else {
          // What was read last may not be told of yet.
          expect(usedBytes + takenBytes).toBeGreaterThan(capacityBytes * (1 - mostUntoldShare));
        }
      }
      expect(queue.map(() => read(one)?.[0])).toEqual(queue.map((frame) => frame.mark));
      expect(read(one)).toBeUndefined();
      expect(one.reader.isEmpty).toBe(true);
    }),
  );
});

it('a ring leaves as much free as its writer asks for', () => {
  const one = ring();
  expect(one.writer.place(64, capacityBytes - 64)).toBe(0);
  one.writer.publish(64);
  expect(one.writer.place(64, capacityBytes - 64)).toBe(-1);
  expect(one.writer.place(64, capacityBytes - 128)).toBe(64);
});

it('a position that wraps at 32 bits is followed', () => {
  const memory = new SharedArrayBuffer(ringBytes(capacityBytes));
  new Int32Array(memory).fill(2 ** 31 - 40, 0, 17);
  const one = ring(memory);
  for (let mark = 1; mark < 20; mark++) {
    expect(write(one, 3, mark)).toBe(true);
    expect(read(one)).toEqual([mark, [mark, mark, mark]]);
  }
});

it('a reader refuses what no writer has put there, and never reads beyond the ring', () => {
  const forged = fc.record({
    tail: fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 40 })),
    ints: fc.array(
      fc.oneof(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.integer({ min: -1, max: 64 }).map((n) => 8 * n),
      ),
      {
        minLength: 64,
        maxLength: 64,
      },
    ),
  });
  fc.assert(
    fc.property(forged, ({ tail, ints }) => {
      const { seen, reader } = ring();
      seen.ints.set(ints);
      Atomics.store(seen.words, 16, tail);
      // A forged frame costs at least 8 bytes, so it ends.
      for (let frames = 0; frames <= capacityBytes / 8; frames++) {
        let at: number;
        try {
          at = reader.next();
        } catch (error) {
          expect(error).toMatchObject({
            code: 'ERR_SANDTUNE_WORKER_LOST',
            message: expect.stringMatching(/^expected /),
          });
          return;
        }
        if (at < 0) return;
        expect(reader.frameBytes % 8).toBe(0);
        expect(at + reader.frameBytes).toBeLessThanOrEqual(capacityBytes);
        reader.done();
      }
      expect.unreachable('a ring of so many frames');
    }),
  );
});

it('a frame that another thread reads is whole, of some thousand written meanwhile', async () => {
  // Large enough to change threads seldom: on a busy machine each change may take many milliseconds.
  const largeBytes = 16 * capacityBytes;
  const memory = new SharedArrayBuffer(ringBytes(largeBytes));
  const url = new URL('./reading-worker.ts', import.meta.url);
  const frames = 6_000;
  const worker = new Worker(url, { workerData: { memory, capacityBytes: largeBytes, frames } });
  const answer = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const one = ring(memory, largeBytes);
  for (let mark = 1; mark <= frames; ) {
    if (write(one, mark % 15, mark)) mark++;
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(await answer).toEqual({ frames, torn: 0 });
  await worker.terminate();
});
