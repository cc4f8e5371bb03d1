import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { leaseOf, type RegionLease } from '../../../../src/sandbox/run/ring/region-lease.ts';
import { leastRegionBytes, mostRegions, RegionReader, RegionWriter } from '../../../../src/sandbox/run/ring/regions.ts';

/** A writer and a reader of one worker's memory. */
function sides(mostBytes: number) {
  const words = new Int32Array(new SharedArrayBuffer(4 * mostRegions));
  const { port1, port2 } = new MessageChannel();
  const close = () => port1.close();
  onTestFinished(close);
  return {
    words,
    port: port1,
    close,
    writer: new RegionWriter(words, port1, mostBytes),
    reader: new RegionReader(words, port2),
  };
}

interface Frame {
  readonly index: number;
  readonly isNew: boolean;
  readonly content: Uint8Array;
}

const contentOf = (length: number, seed: number) => new Uint8Array(length).fill(seed);
const isOnly = (bytes: Uint8Array, seed: number) => bytes.every((one) => one === seed);

interface Held {
  readonly lease: RegionLease;
  readonly view: Uint8Array<SharedArrayBuffer>;
  readonly seed: number;
}

/** The same in one thread and plain: which regions somebody may still look at, and what they see there. */
class Model {
  readonly mostBytes: number;
  worker: ReturnType<typeof sides>;
  frames: Frame[] = [];
  leases: Held[] = [];

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes;
    this.worker = sides(mostBytes);
  }

  write(length: number, seed: number): void {
    const { writer } = this.worker;
    const index = writer.hold(length);
    if (index < 0) return;
    // Neither a frame on its way nor a lease has it.
    expect(this.frames.map((one) => one.index)).not.toContain(index);
    const content = contentOf(length, seed);
    this.frames.push({ index, isNew: writer.write(index, content, length), content });
    expect(writer.heldBytes).toBeLessThanOrEqual(this.mostBytes);
  }

  read(): void {
    const frame = this.frames.shift();
    if (!frame) return;
    const { reader } = this.worker;
    const region = reader.open(frame.index, frame.isNew ? 1 : 0, frame.content.length);
    expect(isOnly(region.bytes.subarray(0, frame.content.length), frame.content[0] as number)).toBe(true);
    // Nothing of a call before this one.
    expect(isOnly(region.bytes.subarray(frame.content.length), 0)).toBe(true);
    this.checkReader();
    reader.free(frame.index);
  }

  lease(): void {
    const frame = this.frames.shift();
    if (!frame) return;
    const { reader } = this.worker;
    const region = reader.open(frame.index, frame.isNew ? 1 : 0, frame.content.length);
    const lease = leaseOf(region, reader.freeing, frame.index, frame.content.length);
    this.leases.push({ lease, view: lease.bytes as Uint8Array<SharedArrayBuffer>, seed: frame.content[0] as number });
  }

  /** With nothing on its way the reader keeps what the writer has, and no memory that it has given up. */
  checkReader(): void {
    const { reader, writer } = this.worker;
    if (this.frames.length === 0) expect(reader.heldBytes).toBeLessThanOrEqual(writer.heldBytes);
  }

  release(at: number): void {
    const [held] = this.leases.splice(at % Math.max(1, this.leases.length), 1);
    if (!held) return;
    held.lease.release();
    held.lease.release();
    expect(held.lease.bytes).toBeNull();
  }

  /** The worker ended: what was on its way is gone, what is leased stays; another has memory of its own. */
  kill(): void {
    this.worker.close();
    this.frames = [];
    this.worker = sides(this.mostBytes);
  }

  check(): void {
    for (const { lease, view, seed } of this.leases) {
      expect(lease.bytes).toBe(view);
      expect(isOnly(view, seed)).toBe(true);
      expect(isOnly(new Uint8Array(view.buffer).subarray(view.length), 0)).toBe(true);
    }
  }
}

it('whatever is written, read, leased, released and killed, nobody sees what is not his, and the bound holds', () => {
  const length = fc.oneof(
    fc.integer({ min: 1, max: 3 * leastRegionBytes }),
    fc.constantFrom(0, leastRegionBytes, leastRegionBytes + 1),
  );
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('write' as const), length, fc.integer({ min: 1, max: 255 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('read' as const)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('lease' as const)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('release' as const), fc.nat(20)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('kill' as const)) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.array(step, { maxLength: 40 }), (regions, steps) => {
      const model = new Model(regions * leastRegionBytes);
      for (const one of steps) {
        if (one[0] === 'write') model.write(one[1], one[2]);
        else if (one[0] === 'release') model.release(one[1]);
        else model[one[0]]();
        model.check();
      }
    }),
    { numRuns: 60 },
  );
});

it('a writer uses its regions again, and holds no more of them than there is room for', () => {
  const { writer, reader } = sides(4 * leastRegionBytes);
  const held = [1, 2, 3, 4].map(() => writer.hold(leastRegionBytes));
  expect(new Set(held).size).toBe(4);
  expect([writer.hold(1), writer.heldBytes]).toEqual([-1, 4 * leastRegionBytes]);
  reader.free(held[2] as number);
  expect(writer.hold(1)).toBe(held[2]);
  // One of another size takes the place of those that are free.
  for (const index of held) reader.free(index);
  const large = writer.hold(3 * leastRegionBytes);
  expect([large >= 0, writer.heldBytes]).toEqual([true, 4 * leastRegionBytes]);
  expect([writer.hold(1), writer.hold(5 * leastRegionBytes)]).toEqual([-1, -1]);
});

it('regions are given up for another only where that makes room for it', () => {
  const { writer, reader } = sides(4 * leastRegionBytes);
  const held = [1, 2, 3, 4].map((seed) => {
    const index = writer.hold(leastRegionBytes);
    const isNew = writer.write(index, contentOf(leastRegionBytes, seed), leastRegionBytes);
    reader.open(index, isNew ? 1 : 0, leastRegionBytes);
    return index;
  });
  for (const index of held.slice(0, 2)) reader.free(index);
  expect([writer.hold(4 * leastRegionBytes), writer.heldBytes]).toEqual([-1, 4 * leastRegionBytes]);
  expect(writer.write(writer.hold(leastRegionBytes), contentOf(1, 5), 1)).toBe(false);
});

it('a writer has no more regions than there are words for them', () => {
  const { writer } = sides(1e9);
  const held = Array.from({ length: mostRegions }, () => writer.hold(1));
  expect(new Set(held).size).toBe(mostRegions);
  expect([writer.hold(1), writer.hold(10 * leastRegionBytes)]).toEqual([-1, -1]);
});

it('what speaks of no region that is held, or of more bytes than it has, is an error of its worker', () => {
  const { writer, reader, port } = sides(1e6);
  const index = writer.hold(100);
  const wrong = { code: 'ERR_SANDTUNE_WORKER_LOST', message: expect.stringMatching(/^expected /) };
  for (const [at, isNew, length] of [
    [-1, 0, 1],
    [mostRegions, 0, 1],
    [index, 0, 1],
    [index, 1, 1],
  ] as const)
    expect(() => reader.open(at, isNew, length)).toThrow(expect.objectContaining(wrong));
  const memory = new SharedArrayBuffer(leastRegionBytes);
  for (const sent of [[index + 1, memory, []], [index, new ArrayBuffer(8), []], [index, memory], 'no', null]) {
    port.postMessage(sent);
    expect(() => reader.open(index, 1, 1)).toThrow(expect.objectContaining(wrong));
  }
  expect(writer.write(index, contentOf(100, 1), 100)).toBe(true);
  for (const length of [leastRegionBytes + 1, -1]) {
    port.postMessage([index, memory, []]);
    expect(() => reader.open(index, 1, length)).toThrow(expect.objectContaining(wrong));
  }
  reader.free(index);
  expect(() => reader.open(index, 0, 1)).toThrow(expect.objectContaining(wrong));
});

/** Until what nobody can reach was collected and told of, or long enough. */
async function collected(isDone: () => boolean): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 50 && !isDone(); turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it('a lease that nobody can reach any more frees its region, and one of which a view is left does not', async () => {
  const { words, writer, reader } = sides(1e6);
  const leased = (seed: number): [number, Uint8Array] => {
    const index = writer.hold(leastRegionBytes);
    const isNew = writer.write(index, contentOf(leastRegionBytes, seed), leastRegionBytes);
    const lease = leaseOf(reader.open(index, isNew ? 1 : 0, leastRegionBytes), reader.freeing, index, leastRegionBytes);
    return [index, (lease.bytes as Uint8Array).subarray(10, 20)];
  };
  const [kept, view] = leased(7);
  const lost = (() => leased(8)[0])();
  expect([words[kept], words[lost]]).toEqual([1, 1]);
  await collected(() => words[lost] === 0);
  expect([words[kept], words[lost]]).toEqual([1, 0]);
  expect(isOnly(view, 7)).toBe(true);
  // The region is lent anew, and told of anew.
  const again = (() => leased(9)[0])();
  expect(again).toBe(lost);
  await collected(() => words[again] === 0);
  expect(words[again]).toBe(0);
});

it('no region is held for more bytes than there may be, however many', () => {
  const { writer } = sides(2 ** 20);
  expect(writer.hold(2 ** 20 + 1)).toBe(-1);
  // 32 bits are not enough for these.
  expect(writer.hold(2 ** 32 + 1)).toBe(-1);
  expect(writer.hold(2 ** 20)).toBeGreaterThanOrEqual(0);
});

it('a lease that was released keeps no region of a worker that is gone', async () => {
  let gone = 0;
  const collectedRegions = new FinalizationRegistry(() => gone++);
  for (let i = 0; i < 4; i++) {
    const { writer, reader } = sides(1e6);
    const index = writer.hold(leastRegionBytes);
    const isNew = writer.write(index, contentOf(leastRegionBytes, 1), leastRegionBytes);
    const region = reader.open(index, isNew ? 1 : 0, leastRegionBytes);
    leaseOf(region, reader.freeing, index, leastRegionBytes).release();
    collectedRegions.register(region, undefined);
  }
  await collected(() => gone >= 3);
  // The last may still stand on the stack.
  expect(gone).toBeGreaterThanOrEqual(3);
});

it.each([
  ['fewer bytes than it has', { value: 100 }],
  ['no length that can be read', { get: () => expect.unreachable() }],
])('what says of itself that it has %s is written whole, and nothing of an earlier call stays', (_, descriptor) => {
  const { writer, reader } = sides(mostRegions * leastRegionBytes);
  const index = writer.hold(leastRegionBytes);
  writer.write(index, contentOf(leastRegionBytes, 1), leastRegionBytes);
  const region = reader.open(index, 1, leastRegionBytes);
  const lying = contentOf(leastRegionBytes, 2);
  for (const name of ['length', 'byteLength']) Object.defineProperty(lying, name, descriptor);
  writer.write(index, lying, leastRegionBytes);
  expect(isOnly(region.bytes, 2)).toBe(true);
});
