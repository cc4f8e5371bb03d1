/**
 * Arms measured side by side.
 *
 *   block: every arm opened anew ── warm-up ── rounds: each arm a window, in an order drawn anew ── closed
 *
 * Within a block windows alternate, so that a machine that slows down slows all arms alike. A block is
 * one pair of a comparison, not each round: what a compiler or a heap came to do in one start stays for
 * all of that arm's windows, and only fresh starts average it out (ratio.ts).
 */
import { messageOf } from '../src/foundation/errors.ts';
import { type RandomSource, randomStream } from '../src/foundation/random.ts';
import { mean, median } from '../tuner/trial/statistics.ts';

/** What one window gave, by the name of what was measured. */
export type Numbers = Readonly<Record<string, number>>;

export interface OpenArm extends AsyncDisposable {
  /**
   * @param share what is measured at a time: a window of so many milliseconds, or the simulated run of that seed
   * @throws when a result is wrong
   */
  measure(share: number): Promise<Numbers>;
}

export interface Arm {
  readonly open: () => Promise<OpenArm>;
  /** True: if this arm fails it is left out, and the others go on. @defaultValue false */
  readonly optional?: boolean;
}

/** Arms by their names. */
export type Arms = Readonly<Record<string, Arm>>;

export interface ComparePlan {
  /** Time before the first window of each start, in which compilers and heaps settle; it counts in no figure. */
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly windowMs: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Arm → its windows, in order. */
type Block = ReadonlyMap<string, readonly Numbers[]>;

export class Comparison {
  readonly #arms: Arms;
  readonly #plan: ComparePlan;
  readonly #random: RandomSource;
  readonly #blocks: Block[] = [];
  #pilot: Block = new Map();
  readonly #leftOut = new Map<string, string>();

  constructor(arms: Arms, plan: ComparePlan) {
    this.#arms = arms;
    this.#plan = plan;
    this.#random = randomStream(plan.seed, 'order of arms');
  }

  /** Arms that failed, each with the reason. None of their figures is shown. */
  get leftOut(): ReadonlyMap<string, string> {
    return this.#leftOut;
  }

  /** One block that is no pair: before the first pair it must be known how large the noise is. @throws as `measure` does */
  async measurePilot(): Promise<void> {
    this.#pilot = await this.#measureBlock(Object.keys(this.#arms));
  }

  /** @throws what an arm failed of that is not optional, once all are closed */
  async measure(blocks: number, names: readonly string[] = Object.keys(this.#arms)): Promise<void> {
    for (let index = 0; index < blocks; index++) this.#blocks.push(await this.#measureBlock(names));
  }

  /** One number a block: the geometric mean over the arm's rounds. */
  values(name: string, arm: string): readonly number[] {
    return this.#windowsOf(name, arm).map(([windows = []]) => Math.exp(mean(windows.map(Math.log))));
  }

  /**
   * log(ours / theirs), one number a block that has both: the median over its rounds, of which a
   * neighbour's burst hits one or two.
   */
  logRatios(name: string, ours: string, theirs: string): readonly number[] {
    return this.#windowsOf(name, ours, theirs).map(([mine = [], other = []]) =>
      median(mine.map((one, round) => Math.log(one / (other[round] ?? Number.NaN)))),
    );
  }

  /** Windows of one arm in the pilot, in order; none where there was no pilot. */
  pilotOf(name: string, arm: string): readonly number[] {
    return numbersOf(this.#pilot.get(arm) ?? [], name);
  }

  /** The windows of `arms`, of each block that has all of them; none where one of them was left out. */
  #windowsOf(name: string, ...arms: readonly string[]): readonly (readonly (readonly number[])[])[] {
    if (arms.some((arm) => this.#leftOut.has(arm))) return [];
    return this.#blocks
      .map((block) => arms.map((arm) => numbersOf(block.get(arm) ?? [], name)))
      .filter((windows) => windows.every((one) => one.length > 0));
  }

  async #measureBlock(asked: readonly string[]): Promise<Block> {
    const { warmUpMs, rounds, windowMs, signal } = this.#plan;
    await using stack = new AsyncDisposableStack();
    const opened = new Map<string, OpenArm>();
    const names = asked.filter((name) => !this.#leftOut.has(name));
    const opening = names.map((name) =>
      this.#attempt(name, async () => {
        const arm = await this.#arms[name]?.open();
        if (arm) opened.set(name, stack.use(arm));
      }),
    );
    // The first failure is passed on only when every arm has opened or failed, so that all that opened are closed.
    for (const one of await Promise.allSettled(opening)) if (one.status === 'rejected') throw one.reason;
    const windows = new Map<string, Numbers[]>(names.map((name) => [name, []]));
    const measureAll = async (forMs: number, keep: (name: string, numbers: Numbers) => void) => {
      for (const name of shuffled([...opened.keys()], this.#random)) {
        signal?.throwIfAborted();
        await this.#attempt(name, async () => {
          const numbers = await opened.get(name)?.measure(forMs);
          if (numbers) keep(name, numbers);
        });
        if (this.#leftOut.has(name)) opened.delete(name);
      }
    };
    await measureAll(warmUpMs, () => undefined);
    for (let round = 0; round < rounds; round++)
      await measureAll(windowMs, (name, numbers) => windows.get(name)?.push(numbers));
    return windows;
  }

  async #attempt(name: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!this.#arms[name]?.optional || this.#plan.signal?.aborted) throw error;
      this.#leftOut.set(name, messageOf(error));
    }
  }
}

function numbersOf(windows: readonly Numbers[], name: string): readonly number[] {
  return windows.map((numbers) => numbers[name] ?? Number.NaN);
}

function shuffled<T>(items: readonly T[], random: RandomSource): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
