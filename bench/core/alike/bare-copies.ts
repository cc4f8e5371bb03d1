/**
 * What bytes cost that reach a guest which never sees shared memory, and nothing else: copied into shared memory, out of
 * it into the worker's own, and back; `into`: out of it once more. One promise a call; no deadline, errors or books.
 */
import { Worker } from 'node:worker_threads';
import { CopiesMemory, places, stateAt, states, words } from './bare-copies-memory.ts';
import type { AlikeArm } from './load.ts';
import type { Bytes } from './request.ts';

const file = new URL('./bare-copies-worker.ts', import.meta.url);

/** One worker and its memory. */
class Lane {
  readonly memory: CopiesMemory;
  readonly worker: Worker;
  readonly #settlers: (((bytes: Uint8Array) => void) | null)[] = Array.from({ length: places }, () => null);
  readonly #into: (() => Uint8Array) | null;
  #next = 0;
  #first = 0;
  out = 0;

  constructor(byteLength: number, into: (() => Uint8Array) | null) {
    this.#into = into;
    this.memory = new CopiesMemory(byteLength);
    this.worker = new Worker(file, { workerData: { shared: this.memory.shared, byteLength } });
  }

  send(bytes: Bytes, settle: (bytes: Uint8Array) => void): void {
    const { words: all, given } = this.memory;
    const place = this.#next;
    this.#next = (place + 1) % places;
    this.#settlers[place] = settle;
    this.out++;
    Buffer.prototype.copy.call(bytes, given[place] as Uint8Array);
    Atomics.store(all, stateAt(place), states.asked);
    if (Atomics.compareExchange(all, words.workerAsleep, 1, 0) === 1) Atomics.notify(all, words.workerAsleep);
  }

  get hasAnswer(): boolean {
    return Atomics.load(this.memory.words, stateAt(this.#first)) === states.answered;
  }

  read(): void {
    while (this.out > 0 && this.hasAnswer) {
      const place = this.#first;
      this.#first = (place + 1) % places;
      this.out--;
      Atomics.store(this.memory.words, stateAt(place), states.free);
      let bytes = this.memory.results[place] as Uint8Array;
      if (this.#into !== null) {
        const own = this.#into();
        Buffer.prototype.copy.call(bytes, own);
        bytes = own;
      }
      this.#settlers[place]?.(bytes);
      this.#settlers[place] = null;
    }
  }
}

export function bareCopiesArm(threads: number, byteLength: number, results: 'into' | 'lease'): AlikeArm<Uint8Array> {
  const free: Uint8Array[] = [];
  const into = results === 'into' ? () => free.pop() ?? new Uint8Array(byteLength) : null;
  const lanes = Array.from({ length: threads }, () => new Lane(byteLength, into));
  let isLooking = false;
  let microtasks = 0;
  const asleep = new Set<Lane>();
  const look = () => {
    isLooking = false;
    for (const lane of lanes) lane.read();
    next();
  };
  const next = () => {
    if (isLooking) return;
    if (!lanes.some((lane) => lane.out > 0 && lane.hasAnswer)) {
      for (const lane of lanes) if (lane.out > 0) sleep(lane);
      return;
    }
    isLooking = true;
    if (microtasks++ % 16 < 15) queueMicrotask(look);
    else setImmediate(look);
  };
  const sleep = (lane: Lane) => {
    const all = lane.memory.words;
    Atomics.store(all, words.hostAsleep, 1);
    if (lane.hasAnswer) {
      Atomics.store(all, words.hostAsleep, 0);
      return next();
    }
    if (asleep.has(lane)) return;
    const { async, value } = Atomics.waitAsync(all, words.hostAsleep, 1);
    if (!async) return next();
    asleep.add(lane);
    void value.then(() => {
      asleep.delete(lane);
      look();
    });
  };
  return {
    call: (_name, _a, bytes) =>
      new Promise<Uint8Array>((resolve) => {
        // No more are in flight than a lane has places, and a result is looked at before the next call is sent.
        const lane = lanes.reduce((least, one) => (one.out < least.out ? one : least));
        lane.send(bytes as Bytes, resolve);
        if (isLooking) return;
        isLooking = true;
        queueMicrotask(look);
      }),
    result: (bytes) => bytes as Bytes,
    done: (bytes) => void (into !== null && free.push(bytes)),
    close: async () => void (await Promise.all(lanes.map(({ worker }) => worker.terminate()))),
  };
}
