/**
 * What the settings that were in force in a run were worth, by the world's truth, whoever put them there.
 *
 *   advance(ms) ─▶ account(fromMs, ms): in force, default, best static, best of the regime ─▶ Score
 */
import type { Settings } from '../../src/contracts.ts';
import { isInDomain } from '../../src/executor/domain.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import type { GoalWords } from '../../tuner/goal.ts';
import { effectiveSettings } from '../../tuner/shell/apply.ts';
import { readaptations, regimesOf, type Stretch } from './readaptation.ts';
import type { Oracle } from './regimes.ts';
import type { World } from './world.ts';
import { worthOf } from './worth.ts';

/** Means over time. */
export interface Worth {
  /** Worth of what was in force over worth of the best setting at each moment, and over that of the default. */
  readonly ofBest: number;
  readonly ofDefault: number;
  /** Of the default over the best: what never tuning would have come to. */
  readonly defaultOfBest: number;
  /** Of the best setting in hindsight that never changes, over the best at each moment. */
  readonly staticOfBest: number;
  /** Share of the time in which what was in force was worth less than 95 % of the default. */
  readonly exposed: number;
}

export interface Score {
  readonly whole: Worth;
  readonly finalThird: Worth;
  /** `ofBest` of each hundredth of the run. */
  readonly curve: readonly number[];
  /** Mean length of the stretches between two shifts. */
  readonly regimeS: number;
  /** Seconds from each shift of the best setting until what was in force was nearly the best again. */
  readonly readaptedS: readonly number[];
  /** What did not hold, in words. */
  readonly broken: readonly string[];
}

export interface ScoreOptions {
  readonly goal: GoalWords;
  readonly forMs: number;
  /** Settings that the run began with. */
  readonly usual: Settings;
  readonly oracle: Oracle;
  readonly bestStatic: Settings;
}

const harmed = 0.95;
const bins = 100;

export class Scorer {
  readonly #world: World;
  readonly #options: ScoreOptions;
  readonly #worth: ReturnType<typeof worthOf>;
  readonly #sums = { whole: newSum(), finalThird: newSum() };
  readonly #curve = Array.from({ length: bins }, newSum);
  readonly #stretches: Stretch[] = [];
  readonly #broken = new Set<string>();

  constructor(world: World, options: ScoreOptions) {
    this.#world = world;
    this.#options = options;
    this.#worth = worthOf(options.goal);
  }

  /** Before the world advances by `ms`. @throws what the world throws */
  account(fromMs: number, ms: number): void {
    const { forMs, usual, oracle, bestStatic } = this.#options;
    const { knobs } = this.#world.executor;
    const atMs = fromMs + ms / 2;
    const inForce = effectiveSettings(knobs);
    for (const { id, domain } of knobs)
      if (!isInDomain(domain, valueIn(inForce, id) ?? Number.NaN))
        this.#broken.add(`${id} was ${String(valueIn(inForce, id))}, which is not in its domain`);
    const { number: regime, best } = oracle.at(this.#world, atMs);
    const worthOfSettings = (settings: Settings) => this.#worth(this.#world.truth(settings, atMs));
    const [now, then, top, still] = [
      worthOfSettings(inForce),
      worthOfSettings(usual),
      worthOfSettings(best),
      worthOfSettings(bestStatic),
    ];
    const most = Math.max(top, then, still);
    const sums = [this.#sums.whole, this.#curve[Math.min(bins - 1, Math.floor((bins * atMs) / forMs))] ?? newSum()];
    if (atMs >= (2 / 3) * forMs) sums.push(this.#sums.finalThird);
    for (const sum of sums) {
      sum.ms += ms;
      sum.ofBest += ms * ratio(now, most);
      sum.ofDefault += ms * ratio(now, then);
      sum.defaultOfBest += ms * ratio(then, most);
      sum.staticOfBest += ms * ratio(still, most);
      sum.exposed += now < harmed * then ? ms : 0;
    }
    this.#stretches.push({ startMs: fromMs, ms, regime, ofBest: ratio(now, most) });
  }

  score(): Score {
    return {
      whole: meanOf(this.#sums.whole),
      finalThird: meanOf(this.#sums.finalThird),
      curve: this.#curve.map((sum) => sum.ofBest / sum.ms),
      regimeS: this.#sums.whole.ms / 1000 / Math.max(1, regimesOf(this.#stretches).length),
      readaptedS: readaptations(this.#stretches),
      broken: [...this.#broken],
    };
  }
}

function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 1;
}

type Sum = { -readonly [Key in keyof Worth]: number } & { ms: number };

function newSum(): Sum {
  return { ms: 0, ofBest: 0, ofDefault: 0, defaultOfBest: 0, staticOfBest: 0, exposed: 0 };
}

function meanOf({ ms, ofBest, ofDefault, defaultOfBest, staticOfBest, exposed }: Sum): Worth {
  return {
    ofBest: ofBest / ms,
    ofDefault: ofDefault / ms,
    defaultOfBest: defaultOfBest / ms,
    staticOfBest: staticOfBest / ms,
    exposed: exposed / ms,
  };
}
