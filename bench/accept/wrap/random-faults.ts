/**
 * Whatever befalls calls, their workers and the executor itself, at random and all at once: each call settles
 * once, with its own value or an error, the books balance at every moment, and nothing is left unhandled.
 */
import type { CallOptions, Knob } from '../../../src/contracts.ts';
import type { MeasuredExecutor } from '../../../src/executor/measured-executor.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { isSandtuneError } from '../../../src/foundation/errors.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';

export const fates = [
  'value',
  'slow',
  'throws',
  'endless',
  'never answers',
  'exits',
  'throws later',
  'cannot be sent',
  'cannot be sent back',
] as const;
export type Fate = (typeof fates)[number];

/** What is put under faults. */
export interface Subject extends AsyncDisposable {
  readonly executor: MeasuredExecutor<never, unknown>;
  readonly fates: readonly Fate[];
  /** Makes a call that gives `call`, its number, where its fate is to. */
  run(fate: Fate, call: number, options: CallOptions): Promise<unknown>;
  /** How often the work of a call has begun; null where that cannot be seen. */
  runsOf(call: number): number | null;
  /** Those that live, to be ended from outside. */
  workers(): readonly { terminate(): Promise<unknown> }[];
}

export interface Played {
  readonly calls: number;
  readonly kills: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** What came otherwise, in words. */
  readonly wrong: readonly string[];
}

interface Made {
  readonly call: number;
  readonly isIdempotent: boolean;
  settled: number;
}

/** Calls whose runs a subject may count. */
export const mostCalls = 4000;
const closeWithinMs = 300;

export async function playFaults(subject: Subject, random: RandomSource, steps: number): Promise<Played> {
  const unhandled: unknown[] = [];
  const hear = (error: unknown) => void unhandled.push(error);
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.on(event, hear);
  try {
    const play = new Play(subject, random);
    for (let step = 0; step < steps; step++) await play.step();
    const played = await play.end();
    await sleep(20);
    return { ...played, wrong: [...played.wrong, ...unhandled.map((error) => `unhandled: ${String(error)}`)] };
  } finally {
    for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.off(event, hear);
  }
}

class Play {
  readonly #subject: Subject;
  readonly #random: RandomSource;
  readonly #wrong: string[] = [];
  readonly #made: Made[] = [];
  readonly #ends: Promise<void>[] = [];
  #fulfilled = 0;
  #kills = 0;
  #shared = new AbortController();

  constructor(subject: Subject, random: RandomSource) {
    this.#subject = subject;
    this.#random = random;
  }

  async step(): Promise<void> {
    const { executor } = this.#subject;
    const chance = this.#random();
    if (chance < 0.55) for (let calls = this.#upTo(6); calls > 0; calls--) this.#call();
    else if (chance < 0.7) await sleep(6 * this.#random());
    else if (chance < 0.76) this.#kill();
    else if (chance < 0.79) executor.clear(new Error('cleared'));
    else if (chance < 0.84) {
      this.#shared.abort(new Error('all at once'));
      this.#shared = new AbortController();
    } else if (chance < 0.96) this.#move();
    else if (executor.needsDrain) await Promise.race([executor.drained(), sleep(10)]);
    this.#balance();
  }

  async end(): Promise<Omit<Played, 'unhandled'>> {
    const { executor } = this.#subject;
    const closed = executor.close({ withinMs: closeWithinMs });
    this.#call();
    // On a machine that is busy, workers may take longer to end than close() waits for them, and it says so.
    await closed.catch((error: unknown) => {
      if (!isSandtuneError(error)) this.#wrong.push(`close() rejects: ${String(error)}`);
    });
    await Promise.race([Promise.all(this.#ends), sleep(5000)]);
    this.#balance();
    const { outcomes, inFlight } = executor.totals();
    const again = this.#made.filter(({ settled }) => settled !== 1);
    if (again.length > 0) this.#wrong.push(`${again.length} calls settled ${again[0]?.settled} times`);
    if (inFlight !== 0 || executor.queued !== 0) this.#wrong.push(`${inFlight} in flight, ${executor.queued} queued`);
    if (outcomes.ok !== this.#fulfilled) this.#wrong.push(`${outcomes.ok} counted as ok, ${this.#fulfilled} were`);
    for (const { call, isIdempotent } of this.#made) {
      const runs = this.#subject.runsOf(call);
      if (runs !== null && runs > (isIdempotent ? 2 : 1)) this.#wrong.push(`a call ran ${runs} times`);
    }
    return { calls: this.#made.length, kills: this.#kills, outcomes, wrong: this.#wrong };
  }

  #call(): void {
    if (this.#made.length >= mostCalls) return;
    const fate = this.#subject.fates[this.#upTo(this.#subject.fates.length) - 1] as Fate;
    const isIdempotent = this.#random() < 0.3;
    const made: Made = { call: this.#made.length, isIdempotent, settled: 0 };
    this.#made.push(made);
    const result = this.#subject.run(fate, made.call, this.#options(isIdempotent));
    const end = result.then(
      (value) => {
        made.settled++;
        this.#fulfilled++;
        if (value !== made.call) this.#wrong.push(`call ${made.call} gave ${String(value)}`);
      },
      (error: unknown) => {
        made.settled++;
        if (isSandtuneError(error) && error.outcome === 'shed' && this.#subject.runsOf(made.call))
          this.#wrong.push('a call was shed and ran');
      },
    );
    this.#ends.push(end);
  }

  #options(idempotent: boolean): CallOptions {
    const chance = this.#random();
    const own = new AbortController();
    if (chance < 0.2) void sleep(20 * this.#random()).then(() => own.abort(new Error('gave up')));
    return {
      idempotent,
      ...(chance < 0.2 && { signal: own.signal }),
      ...(chance > 0.2 && chance < 0.3 && { signal: this.#shared.signal }),
      ...(chance > 0.3 && chance < 0.33 && { signal: AbortSignal.any([this.#shared.signal, AbortSignal.timeout(10)]) }),
      ...(chance > 0.25 && chance < 0.6 && { deadlineMs: 1 + 20 * this.#random() }),
      ...(chance > 0.5 && chance < 0.8 && { maxWaitMs: 10 * this.#random() }),
    };
  }

  #kill(): void {
    const workers = this.#subject.workers();
    const worker = workers[this.#upTo(workers.length) - 1];
    if (!worker) return;
    this.#kills++;
    void worker.terminate();
  }

  /** Moves a knob somewhere, or keeps two values warm for a moment. */
  #move(): void {
    const { knobs } = this.#subject.executor;
    const knob = knobs[this.#upTo(knobs.length) - 1] as Knob<number> | undefined;
    if (!knob) return;
    const [a, b] = [this.#valueOf(knob), this.#valueOf(knob)];
    const moved =
      this.#random() < 0.6
        ? knob.apply(a)
        : knob.keepWarm(a, b).then(async (warm) => {
            await sleep(5);
            await warm[Symbol.asyncDispose]();
          });
    // A pool whose workers die all the time cannot be made ready, and says so.
    moved.catch((error: unknown) => isSandtuneError(error) || this.#wrong.push(`a knob: ${String(error)}`));
  }

  #valueOf({ domain }: Knob<number>): number {
    if (!('min' in domain)) return domain[this.#upTo(domain.length) - 1] as number;
    return domain.min + this.#upTo(1 + Math.min(3, Math.floor(domain.max) - domain.min)) - 1;
  }

  #balance(): void {
    const { offered, outcomes, inFlight } = this.#subject.executor.totals();
    const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    if (offered === this.#made.length && offered === settled + inFlight) return;
    this.#wrong.push(`${this.#made.length} made, ${offered} offered, ${settled} settled, ${inFlight} in flight`);
  }

  #upTo(most: number): number {
    return Math.min(most, 1 + Math.floor(most * this.#random()));
  }
}

function sleep(ms: number): Promise<void> {
  return systemTimers.sleep(ms, { keepAlive: true });
}
