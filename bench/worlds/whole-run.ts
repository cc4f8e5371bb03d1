/**
 * A whole run of `tune()` in a world, from its start to its end, over time that passes when nobody waits:
 * what the settings in force were worth by the world's truth, when a setting that is nearly the best was
 * proven, and what must hold of any run.
 *
 *   advance(ms) ─▶ score.ts: truth at the settings in force, at the configured default, at the best
 *   a window of our own, cut once a second ─▶ accounting
 *   the anchor, read once a second ─▶ proven
 */
import type { Interval, Settings } from '../../src/contracts.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import type { GoalWords } from '../../tuner/goal.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { effectiveSettings } from '../../tuner/shell/apply.ts';
import { tune } from '../../tuner/tune.ts';
import { manualTime } from './manual-time.ts';
import { type Oracle, oracleOf } from './regimes.ts';
import { type Score, Scorer } from './score.ts';
import type { World } from './world.ts';
import { worthOf } from './worth.ts';

export interface WholeRun extends Score {
  /** The first setting that is nearly the best and was proven: its hold-back ended and it is the anchor. */
  readonly proven: ProvenAt | null;
  /** Times another setting became the anchor. */
  readonly moved: number;
  readonly trials: number;
  readonly end: Settings;
  /** What was predicted of the candidates of trials, and what these measured. */
  readonly scores: readonly ScoredTrial[];
}

export interface ScoredTrial {
  readonly predicted: Interval;
  readonly measured: Interval;
  /** What was measured lies inside what was predicted. */
  readonly covered: boolean;
}

export interface ProvenAt {
  /** Since `tune()`. */
  readonly seconds: number;
  /** Trials of a candidate until then, that one included. */
  readonly trials: number;
  /** Probes until then. */
  readonly probes: number;
}

export interface WholeRunOptions {
  readonly goal: GoalWords;
  readonly seed: number;
  readonly forMs: number;
  readonly options?: TuneOptions;
  /** Shared by runs in worlds of one seed, so that the best settings are looked for once. @defaultValue one of its own */
  readonly oracle?: Oracle;
  /** @defaultValue the configured default */
  readonly bestStatic?: Settings;
}

const secondMs = 1000;
/** Of the best setting's worth: nearly as good. */
const nearly = 0.95;

/** The defaults that the knobs state. */
export function usualOf({ executor }: World): Settings {
  return Object.fromEntries(executor.knobs.map(({ id, defaultValue }) => [id, defaultValue]));
}

/** @throws what the world throws */
export async function wholeRun(
  world: World,
  { goal, seed, forMs, options = {}, ...given }: WholeRunOptions,
): Promise<WholeRun> {
  const { executor } = world;
  const usual = usualOf(world);
  const started = effectiveSettings(executor.knobs);
  const broken = new Set<string>();
  const { oracle = oracleOf(goal, usual), bestStatic = usual } = given;
  const scorer = new Scorer(world, { goal, forMs, usual, oracle, bestStatic });
  let nowMs = 0;
  let failed: { readonly error: unknown } | null = null;

  const cpus = world.cpus?.bind(world);
  const time = manualTime({
    ...(cpus && { cpus }),
    advance: (ms) => {
      // It is called by a timer that nobody waits for: what it threw would end the process.
      try {
        if (nowMs < forMs) scorer.account(nowMs, ms);
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
  const worth = worthOf(goal);
  const provenNow = (): ProvenAt | null => {
    const { trials, probes } = tuner.history;
    if (!trials.some(({ passed }) => passed)) return null;
    const best = worth(world.truth(oracle.at(world, nowMs).best, nowMs));
    if (worth(world.truth(tuner.anchor, nowMs)) < nearly * best) return null;
    return {
      seconds: nowMs / secondMs,
      trials: trials.filter(({ purpose }) => purpose === 'candidate').length,
      probes: probes.length,
    };
  };
  let proven: ProvenAt | null = null;
  let known = tuner.anchor;
  const own = executor.openWindow();
  while (nowMs < forMs && failed === null) {
    await time.surroundings.timers?.sleep(secondMs);
    if (failed !== null) break;
    const { offered, backlogAtStart, backlogAtEnd, outcomes } = own.cut();
    if (offered + backlogAtStart !== settledOf(outcomes) + backlogAtEnd) broken.add('calls were lost or made up');
    if (tuner.mode === 'off') broken.add('the tuner was off before its end');
    // The world may move under an anchor that stays: only one that was just proven is looked at.
    if (proven !== null || sameSettings(known, tuner.anchor)) continue;
    known = tuner.anchor;
    proven = provenNow();
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
  const score = scorer.score();
  return {
    ...score,
    proven,
    moved,
    trials: history.trials.length,
    end,
    scores: history.trials.flatMap(({ score: one }) =>
      one ? [{ predicted: one.predicted, measured: one.measured, covered: one.covered }] : [],
    ),
    broken: [...score.broken, ...broken],
  };
}
