/** What is seen of a sandbox from outside while it is disturbed: its workers, its rings, how often each call settled. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { systemClock, systemTimers } from '../../../src/foundation/clock.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import type { ResultLease } from '../../../src/sandbox/run/result-lease.ts';
import { RingReader } from '../../../src/sandbox/run/ring/byte-ring.ts';
import { RingLink } from '../../../src/sandbox/run/ring/ring-link.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';

export type TransportName = 'message' | 'ring';
const threads = 2;
/** What has not come about by then never will, ms. */
export const neverMs = 30_000;
/** Of each worker, each way: room for eight results of 60 KiB, so that there is often none. */
const regionBytes = 512 * 1024;
/** A module without anything: the binding has all that is called. */
const module = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

export function openSandbox(transport: TransportName, more: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const binding = new URL('./guest-binding.ts', import.meta.url);
  return createSandbox({
    guests: {
      guest: { module, binding, functions: ['pause', 'hold', 'length', 'bytes', 'filled'] },
      lent: { module, binding, functions: ['isFilled'], arguments: 'lent' },
    },
    threads,
    transport,
    ...(transport === 'message' ? { batchSize: 8 } : { regionBytes }),
    ...more,
  });
}

/** Node announces each worker that is started, so nothing in the sandbox knows that it is watched. */
export class WatchedWorkers implements Disposable {
  readonly alive = new Set<Worker>();
  readonly #started: (message: unknown) => void;
  #next: ((worker: Worker) => void) | null = null;

  constructor() {
    this.#started = (message) => {
      const { worker } = message as { readonly worker: Worker };
      this.alive.add(worker);
      worker.once('exit', () => this.alive.delete(worker));
      this.#next?.(worker);
      this.#next = null;
    };
    subscribe('worker_threads', this.#started);
  }

  /** Resolves with the next worker that is started. */
  next(): Promise<Worker> {
    return new Promise((resolve) => {
      this.#next = resolve;
    });
  }

  of(threadId: number): Worker | undefined {
    return [...this.alive].find((worker) => worker.threadId === threadId);
  }

  any(random: RandomSource): Worker | undefined {
    return [...this.alive][Math.floor(random() * this.alive.size)];
  }

  [Symbol.dispose](): void {
    unsubscribe('worker_threads', this.#started);
  }
}

/** The links of the workers that live: while no call is out, neither side has anything of a call. */
export class WatchedRings implements Disposable {
  readonly #links = new Set<RingLink>();
  readonly #own = Object.getOwnPropertyDescriptors(RingLink.prototype);

  constructor() {
    const links = this.#links;
    const write = this.#own.write.value as (this: RingLink, ...given: Parameters<RingLink['write']>) => void;
    const close = this.#own.close.value as (this: RingLink) => void;
    RingLink.prototype.write = function (this: RingLink, ...given) {
      links.add(this);
      return write.apply(this, given);
    };
    RingLink.prototype.close = function (this: RingLink) {
      links.delete(this);
      close.call(this);
    };
  }

  /** Links in which something is left a second after the last call. A worker tells of what it has read before it sleeps. */
  async undrained(): Promise<number> {
    for (let waits = 0; waits < 100 && this.#undrained > 0; waits++) await systemTimers.sleep(10, { keepAlive: true });
    return this.#undrained;
  }

  get #undrained(): number {
    return [...this.#links].filter(
      ({ slots, answers, heldBytes, memory }) =>
        slots.usedCount > 0 || heldBytes !== 0 || !answers.isEmpty || !new RingReader(memory.requests).isEmpty,
    ).length;
  }

  /** Regions that are held while no call is out. @param leases how many are out */
  heldRegions(leases: number): number {
    const held = (words: Int32Array) => words.reduce((sum, one) => sum + one, 0);
    const memories = [...this.#links].map(({ memory }) => memory);
    const ofArguments = memories.reduce((sum, { argumentRegions }) => sum + held(argumentRegions), 0);
    const ofResults = memories.reduce((sum, { resultRegions }) => sum + held(resultRegions), 0);
    return ofArguments + Math.max(0, ofResults - leases);
  }

  [Symbol.dispose](): void {
    Object.defineProperties(RingLink.prototype, { write: this.#own.write, close: this.#own.close });
  }
}

/** Buffers of calls that have settled, which are looked at once more so many calls later. */
const mostBuffers = 200;

function isFilled(bytes: Uint8Array, value: number): boolean {
  return bytes.every((one) => one === value);
}

/** Counts how often each call settled, and with what, and what becomes of the bytes. */
export class Audit {
  readonly #counts: number[] = [];
  readonly outcomes: Record<string, number> = {};
  wrong = 0;
  /** Bytes in a caller's buffer that no call has put there. */
  misplaced = 0;
  /** Most leases that were out at once. */
  mostLeases = 0;
  readonly #leases: { readonly lease: ResultLease; readonly value: number }[] = [];
  readonly #buffers: { readonly buffer: Uint8Array; readonly value: number }[] = [];

  get offered(): number {
    return this.#counts.length;
  }

  /** Calls that settled never, or twice. */
  get astray(): number {
    return this.#counts.filter((count) => count !== 1).length;
  }

  /** Leases that are out. */
  get leases(): number {
    return this.#leases.length;
  }

  /** A call that results in `length` bytes of `value`, into a buffer with room for twice as many. */
  watchInto(run: (into: Uint8Array) => Promise<unknown>, length: number, value: number): Promise<void> {
    const buffer = new Uint8Array(2 * length);
    const isRight = (bytes: unknown) =>
      bytes instanceof Uint8Array && bytes.length === length && isFilled(buffer.subarray(0, length), value);
    let isWritten = false;
    return this.watch(run(buffer), (bytes) => {
      isWritten = true;
      return isRight(bytes);
    }).then(() => {
      // Of a call that failed nothing; beside what it was to write nothing.
      if (!isFilled(isWritten ? buffer.subarray(length) : buffer, 0)) this.misplaced++;
      // Nor later: the next ones of these are looked at again.
      this.#buffers.push({ buffer, value: isWritten ? value : 0 });
      const past = this.#buffers.length > mostBuffers ? this.#buffers.shift() : undefined;
      if (past && !isFilled(past.buffer.subarray(0, length), past.value)) this.misplaced++;
    });
  }

  /** A call whose result, bytes of `value`, is leased until `release()`. */
  watchLease(call: Promise<ResultLease>, value: number): Promise<void> {
    return this.watch(call, (lease) => {
      this.#leases.push({ lease: lease as ResultLease, value });
      this.mostLeases = Math.max(this.mostLeases, this.#leases.length);
      return isFilled((lease as ResultLease).bytes, value);
    });
  }

  /** Looks at all leases that are out, and releases those that `isOver` says. */
  release(isOver: () => boolean): void {
    for (let at = this.#leases.length - 1; at >= 0; at--) {
      const { lease, value } = this.#leases[at] as { readonly lease: ResultLease; readonly value: number };
      if (!isFilled(lease.bytes, value)) this.wrong++;
      if (!isOver()) continue;
      lease.release();
      this.#leases.splice(at, 1);
    }
  }

  /** @returns resolves when it has settled */
  watch(call: Promise<unknown>, isRight: (value: unknown) => boolean): Promise<void> {
    const at = this.#counts.push(0) - 1;
    const count = (outcome: string) => {
      this.#counts[at] = (this.#counts[at] as number) + 1;
      this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    };
    return call.then(
      (value) => {
        count('ok');
        if (!isRight(value)) this.wrong++;
      },
      (error: unknown) => count(String((error as { readonly outcome?: unknown } | undefined)?.outcome ?? error)),
    );
  }
}

/** Resolves when all have, or with what is astray still `neverMs` later. */
export async function settled(calls: readonly Promise<unknown>[]): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const never = systemTimers.sleep(neverMs, { signal, keepAlive: true }).catch(() => undefined);
  await Promise.race([Promise.all(calls), never]);
  over.abort();
}

/** How long it takes until as many workers answer as there are to be, ms; Infinity where they never do. */
export async function backToSizeMs(sandbox: Sandbox): Promise<number> {
  const startMs = systemClock.now();
  const pause = sandbox.function('guest.pause');
  while (systemClock.now() - startMs < neverMs) {
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < threads; call++) {
      calls.push(pause(2));
      // Calls of one turn would travel together, to one worker.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const seen = await Promise.all(calls);
    if (new Set(seen).size >= threads) return systemClock.now() - startMs;
  }
  return Number.POSITIVE_INFINITY;
}
