/**
 * What shared memory alone can do: a ring of calls with an id, two numbers and a deadline, one promise a call,
 * two times back. It has no errors, no signals, no books and no second worker before the first is full.
 */
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { BareMemory, floatAt, floats, intAt, ints, places, states, words } from './bare-ring-memory.ts';
import type { AlikeArm } from './load.ts';
import { type Answer, type Bytes, type Request, Requests } from './request.ts';

const file = new URL('./bare-ring-worker.ts', import.meta.url);

class BareRing {
  readonly memory = new BareMemory();
  readonly #settlers: (((answer: Answer) => void) | null)[] = Array.from({ length: places }, () => null);
  #next = 0;
  #first = 0;
  out = 0;

  send([id, , a, b, dueMs]: Request, settle: (answer: Answer) => void): void {
    const { memory } = this;
    const place = this.#next;
    this.#next = (place + 1) % places;
    this.#settlers[place] = settle;
    this.out++;
    memory.ints[intAt(place, ints.id)] = id;
    memory.ints[intAt(place, ints.name)] = 0;
    memory.ints[intAt(place, ints.a)] = a;
    memory.ints[intAt(place, ints.b)] = b as number;
    memory.floats[floatAt(place, floats.dueMs)] = dueMs;
    Atomics.store(memory.ints, intAt(place, ints.state), states.asked);
    if (Atomics.load(memory.words, words.workerAsleep) === 0) return;
    if (Atomics.compareExchange(memory.words, words.workerAsleep, 1, 0) === 1)
      Atomics.notify(memory.words, words.workerAsleep);
  }

  get hasAnswer(): boolean {
    return Atomics.load(this.memory.ints, intAt(this.#first, ints.state)) === states.answered;
  }

  read(): void {
    const { ints: all, floats: times } = this.memory;
    while (this.out > 0 && this.hasAnswer) {
      const place = this.#first;
      this.#first = (place + 1) % places;
      this.out--;
      const answer: Answer = [
        all[intAt(place, ints.id)] as number,
        all[intAt(place, ints.result)] as number,
        times[floatAt(place, floats.beganMs)] as number,
        times[floatAt(place, floats.endedMs)] as number,
      ];
      Atomics.store(all, intAt(place, ints.state), states.free);
      const settle = this.#settlers[place] as (answer: Answer) => void;
      this.#settlers[place] = null;
      settle(answer);
    }
  }
}

export function bareRingArm(threads: number, owner: 'piscina' | 'node', bytes: Bytes): AlikeArm<Answer> {
  const rings = Array.from({ length: threads }, () => new BareRing());
  const close = owner === 'node' ? ofNode(rings, bytes) : ofPiscina(rings, bytes);
  const requests = new Requests();
  let isLooking = false;
  let microtasks = 0;
  const look = () => {
    isLooking = false;
    for (const ring of rings) ring.read();
    next();
  };
  const next = () => {
    if (isLooking) return;
    if (rings.some((ring) => ring.out > 0 && ring.hasAnswer)) {
      isLooking = true;
      if (microtasks++ % 16 < 15) queueMicrotask(look);
      else setImmediate(look);
      return;
    }
    for (const ring of rings) if (ring.out > 0) sleep(ring);
  };
  const asleep = new Set<BareRing>();
  const sleep = (ring: BareRing) => {
    const all = ring.memory.words;
    Atomics.store(all, words.hostAsleep, 1);
    if (ring.hasAnswer) {
      Atomics.store(all, words.hostAsleep, 0);
      return next();
    }
    if (asleep.has(ring)) return;
    const { async, value } = Atomics.waitAsync(all, words.hostAsleep, 1);
    if (!async) return next();
    asleep.add(ring);
    void value.then(() => {
      asleep.delete(ring);
      look();
    });
  };
  return {
    call: (name, a, b) =>
      new Promise<Answer>((resolve) => {
        const ring = rings.find((one) => one.out < places - 1) as BareRing;
        ring.send(requests.next(name, a, b), resolve);
        if (isLooking) return;
        isLooking = true;
        queueMicrotask(look);
      }),
    result: (answer) => requests.result(answer),
    close,
  };
}

function ofNode(rings: readonly BareRing[], bytes: Bytes): () => Promise<void> {
  const workers = rings.map(({ memory }) => new Worker(file, { workerData: { bytes, shared: memory.shared } }));
  return async () => void (await Promise.all(workers.map((worker) => worker.terminate())));
}

function ofPiscina(rings: readonly BareRing[], bytes: Bytes): () => Promise<void> {
  const threads = rings.length;
  const pool = new Piscina({ filename: file.href, minThreads: threads, maxThreads: threads, workerData: { bytes } });
  for (const { memory } of rings) void pool.run(memory.shared).catch(() => {});
  return () => pool.destroy();
}
