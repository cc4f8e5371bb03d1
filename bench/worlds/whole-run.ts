/**
 * A whole run of `tune()` in a world, from its start to its end, over time that passes when nobody waits:
 * what the settings in force were worth by the world's truth, and what must hold of any run.
 *
 *   advance(ms) ─▶ truth at the settings in force, at the configured default, at the best ─▶ sums
 *   a window of our own, cut once a second ─▶ accounting
 */
import type { Settings } from '../../src/contracts.ts';
import { isInDomain } from '../../src/executor/domain.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import type { GoalWords } from '../../tuner/goal.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { effectiveSettings } from '../../tuner/shell/apply.ts';
import { tune } from '../../tuner/tune.ts';
import { bestSettings } from './best-settings.ts';
import { manualTime } from './manual-time.ts';
import type { World } from './world.ts';
import { worthOf } from './worth.ts';

export interface WholeRun {
  readonly whole: Worth;
  readonly finalThird: Worth;
  /** Times another setting became the anchor. */
  readonly moved: number;
  readonly trials: number;
  readonly end: Settings;
  /** What did not hold, in words; empty: all did. */
  readonly broken: readonly string[];
}

/** Means over time. */
interface Worth {
  /** Worth of what was in force over worth of the best setting at each moment, and over that of the default. */
  readonly ofBest: number;
  readonly ofDefault: number;
  /** Of the default over the best: what never tuning would have come to. */
  readonly defaultOfBest: number;
  /** Share of the time in which what was in force was worth less than 95 % of the default. */
  readonly exposed: number;
}

export interface WholeRunOptions {
  readonly goal: GoalWords;
  readonly seed: number;
  readonly forMs: number;
  readonly options?: TuneOptions;
}

/** The best setting is looked for anew so often. */
const regimeMs = 60_000;
const secondMs = 1000;
const harmed = 0.95;

/** @throws what the world throws */
export async function wholeRun(world: World, { goal, seed, forMs, options = {} }: WholeRunOptions): Promise<WholeRun> {
  const { executor } = world;
  const usual: Settings = Object.fromEntries(executor.knobs.map(({ id, defaultValue }) => [id, defaultValue]));
  const started = effectiveSettings(executor.knobs);
  const worth = worthOf(goal);
  const broken = new Set<string>();
  const sums = { whole: newSum(), finalThird: newSum() };
  let nowMs = 0;
  let failed: { readonly error: unknown } | null = null;
  let best = { untilMs: 0, settings: usual };

  const account = (ms: number): void => {
    const atMs = nowMs + ms / 2;
    if (nowMs >= best.untilMs) best = { untilMs: nowMs + regimeMs, settings: bestSettings(world, atMs, usual, worth) };
    const inForce = effectiveSettings(executor.knobs);
    for (const { id, domain } of executor.knobs)
      if (!isInDomain(domain, valueIn(inForce, id) ?? Number.NaN))
        broken.add(`${id} was ${String(valueIn(inForce, id))}, which is not in its domain`);
    const [now, then, most] = [inForce, usual, best.settings].map((settings) => worth(world.truth(settings, atMs))) as [
      number,
      number,
      number,
    ];
    for (const sum of nowMs >= (2 / 3) * forMs ? [sums.whole, sums.finalThird] : [sums.whole]) {
      sum.ms += ms;
      sum.ofBest += ms * ratio(now, Math.max(most, then));
      sum.ofDefault += ms * ratio(now, then);
      sum.defaultOfBest += ms * ratio(then, Math.max(most, then));
      sum.exposedMs += now < harmed * then ? ms : 0;
    }
  };
  const cpus = world.cpus?.bind(world);
  const time = manualTime({
    ...(cpus && { cpus }),
    advance: (ms) => {
      // It is called by a timer that nobody waits for: what it threw would end the process.
      try {
        if (nowMs < forMs) account(ms);
        world.advance(ms);
      } catch (error) {
        failed ??= { error };
      }
      nowMs += ms;
    },
  });

  const tuner = tune(executor, {
    mode: 'auto',
    stateDir: ':memory:',
    ...goal,
    seed,
    surroundings: time.surroundings,
    ...options,
  });
  tuner.settled().catch((error: unknown) => broken.add(`the tuner ended early: ${messageOf(error)}`));
  const own = executor.openWindow();
  while (nowMs < forMs && failed === null) {
    await time.surroundings.timers?.sleep(secondMs);
    if (failed !== null) break;
    const { offered, backlogAtStart, backlogAtEnd, outcomes } = own.cut();
    if (offered + backlogAtStart !== settledOf(outcomes) + backlogAtEnd) broken.add('calls were lost or made up');
    if (tuner.mode === 'off') broken.add('the tuner was off before its end');
  }
  own[Symbol.dispose]();
  const { anchor, history } = tuner;
  // Disposing it would only say the same again.
  await tuner.stop().catch((error: unknown) => broken.add(`the tuner did not end on its anchor: ${messageOf(error)}`));
  await tuner[Symbol.asyncDispose]().then(undefined, () => undefined);
  // Without this, TypeScript takes it for what it was when the function began.
  const failure = failed as { readonly error: unknown } | null;
  if (failure) throw failure.error;
  const end = effectiveSettings(executor.knobs);
  const moved = history.trials.filter(({ purpose, passed }) => purpose === 'hold-back' && passed).length;
  if (!sameSettings(end, anchor)) broken.add(`it ended on ${JSON.stringify(end)}, not on ${JSON.stringify(anchor)}`);
  if (moved === 0 && !sameSettings(end, started))
    broken.add(`nothing was kept, and it ended on ${JSON.stringify(end)}, not where it began`);
  return {
    whole: meanOf(sums.whole),
    finalThird: meanOf(sums.finalThird),
    moved,
    trials: history.trials.length,
    end,
    broken: [...broken],
  };
}

function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 1;
}

interface Sum {
  ms: number;
  ofBest: number;
  ofDefault: number;
  defaultOfBest: number;
  exposedMs: number;
}

function newSum(): Sum {
  return { ms: 0, ofBest: 0, ofDefault: 0, defaultOfBest: 0, exposedMs: 0 };
}

function meanOf({ ms, ofBest, ofDefault, defaultOfBest, exposedMs }: Sum): Worth {
  return {
    ofBest: ofBest / ms,
    ofDefault: ofDefault / ms,
    defaultOfBest: defaultOfBest / ms,
    exposed: exposedMs / ms,
  };
}
