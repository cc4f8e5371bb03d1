/**
 * What a promise of `wrap()` is, and the stage on which it is kept or broken: pools of one copy of
 * piscina, bare and wrapped, that end with it. A promise that is never put to the test is not kept, so
 * each counts how often that happened.
 */
import { isDeepStrictEqual } from 'node:util';
import { wrap } from '../../../src/adapters/wrap.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import type { BarePool, Copy } from './copies.ts';

export interface Promised {
  /** The promise, as a sentence that could be false. */
  readonly says: string;
  /** Kept with every copy of piscina, or shown once, where piscina has no part in it. */
  readonly of: 'each copy' | 'no copy';
  /** How often a round puts it to the test at least. */
  readonly firesARound: number;
  /** Plays one round. */
  play(stage: Stage): Promise<void>;
}

/** What `wrap()` may say instead of keeping a promise: it does not offer the knob, or refuses the pool. */
export class Withheld extends Error {}

type WrapOptions = Parameters<typeof wrap<unknown, unknown>>[1];
export type Wrapped = ReturnType<typeof wrap<unknown, unknown>>;

export class Stage implements AsyncDisposable {
  readonly copy: Copy;
  readonly random: RandomSource;
  /** What came otherwise than promised, in words. */
  readonly wrong: string[] = [];
  #fired = 0;
  readonly #pools: BarePool[] = [];

  constructor(copy: Copy, random: RandomSource) {
    this.copy = copy;
    this.random = random;
  }

  get fired(): number {
    return this.#fired;
  }

  /** The promise was put to the test, `times` times. */
  fires(times = 1): void {
    this.#fired += times;
  }

  /** Notes where what came is not what was promised. */
  same(what: string, came: unknown, promised: unknown): void {
    if (isDeepStrictEqual(came, promised)) return;
    this.wrong.push(`${what}: ${textOf(promised)} promised, ${textOf(came)} came`);
  }

  /** A pool as a program builds it. */
  pool(options: object = {}): BarePool {
    const pool = new this.copy.Piscina({ filename: workerFile, minThreads: 1, maxThreads: 2, ...options });
    this.#pools.push(pool);
    return pool;
  }

  wrap(pool: BarePool, options: WrapOptions = {}): Wrapped {
    return wrap<unknown, unknown>(pool, options);
  }

  /** Resolves once `seen()`. @throws where it is not within ten seconds */
  async until(what: string, seen: () => boolean): Promise<void> {
    for (let waitedMs = 0; !seen(); waitedMs += 5) {
      if (waitedMs > longestWaitMs) throw new Error(`waited in vain until ${what}`);
      await sleep(5);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy().catch(() => {})));
  }
}

/** What the pools run: see wrap-worker.ts. */
const workerFile = new URL('./wrap-worker.ts', import.meta.url).href;
const longestWaitMs = 10_000;

export function sleep(ms: number): Promise<void> {
  return systemTimers.sleep(ms, { keepAlive: true });
}

/** 'ok', or what it was rejected with: a name and a message. */
export function endOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : textOf(error)),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
