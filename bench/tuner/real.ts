/**
 * The tuner on real pools with real threads: CPU-bound work, work that waits, a mix of both, and a client of a
 * slow service whose limit of calls at once was set too high. When it has settled, a grid of settings is measured
 * again beside the one it ended on, in turn: what that one reaches of the best of them is the figure. The
 * default is among them, so that a commit that lost would be seen.
 *
 *   open load ─▶ tune() until it rests ─▶ sweep(the end, the default, a grid), interleaved ─▶ fraction of the best
 */
import type { Executor, Settings } from '../../src/contracts.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import { triggers } from '../../tuner/entries/triggers.ts';
import { sweep } from '../../tuner/sweep.ts';
import { tune } from '../../tuner/tune.ts';
import { meanOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { type RealLoad, realLoads } from './real-loads.ts';

export const real: Group = {
  about: 'real pools: CPU-bound, waiting, mixed, and a slow client with a limit; and nothing tried again and again',
  run: async (options) => [...(await reached(options)), ...(await nothingTried(options))],
};

const seedsOf: Readonly<Record<SuiteLength, number>> = { quick: 1, full: 1, long: 8 };
/** It may take so long until it settles. */
const tunedMs: Readonly<Record<SuiteLength, number>> = { quick: 12_000, full: 150_000, long: 600_000 };
const roundsOf: Readonly<Record<SuiteLength, number>> = { quick: 3, full: 8, long: 30 };
const windowMs = 250;
/** A commit has lost where the end is below the default by more than the noise of these rounds. */
const lost = -0.02;

async function reached(options: SuiteOptions): Promise<readonly Figure[]> {
  const { length, seed, seeds = seedsOf[length], progress, signal } = options;
  const fractions: number[] = [];
  const losses: string[] = [];
  const asked = length === 'quick' ? realLoads.slice(-1) : realLoads;
  for (const load of asked) {
    for (let i = 0; i < seeds; i++) {
      signal?.throwIfAborted();
      const { fraction, end, best, overDefault, committed, moved } = await oneRun(load, length, seed + i);
      progress(
        `${load.name} ${seed + i}: ${JSON.stringify(end)} is ${(100 * fraction).toFixed(1)} % of ${JSON.stringify(best)}, ` +
          `${(100 * overDefault.estimate).toFixed(1)} % over the default, ${committed} commits`,
      );
      fractions.push(fraction);
      if (moved && overDefault.high < lost) losses.push(load.name);
    }
  }
  return [
    {
      name: 'real_fraction_of_best',
      unit: 'of the best of a grid, measured again beside it',
      better: 'higher',
      targets: [{ op: '>=', value: 0.95, on: 'value' }],
      ...meanOf(fractions),
    },
    {
      name: 'real_committed_losses',
      unit: 'runs that ended on a setting worse than the default',
      better: 'lower',
      targets: [{ op: '<=', value: 0, on: 'value' }],
      value: losses.length,
      samples: fractions.length,
    },
  ];
}

interface RealRun {
  readonly end: Settings;
  readonly best: Settings;
  readonly fraction: number;
  /** Of the end over the default, with its interval. */
  readonly overDefault: { readonly estimate: number; readonly high: number };
  readonly committed: number;
  /** It ended on another setting than it began. */
  readonly moved: boolean;
}

async function oneRun(load: RealLoad, length: SuiteLength, seed: number): Promise<RealRun> {
  await using running = await load.start(seed);
  const { executor, objective, grid } = running;
  const usual = settingsOf(executor);
  const tuner = tune(executor, { mode: 'auto', ...load.goal, stateDir: ':memory:', seed });
  const over = new AbortController();
  const late = systemTimers.sleep(tunedMs[length], { keepAlive: true, signal: over.signal }).catch(() => undefined);
  await Promise.race([tuner.settled(), late]);
  over.abort();
  const committed = tuner.history.trials.filter(({ decision }) => decision?.decision === 'commit').length;
  await tuner.stop();
  await tuner[Symbol.asyncDispose]();
  const end = settingsOf(executor);
  const points = [end, usual, ...grid];
  const { points: told, logRatios } = await sweep(executor, {
    objective,
    points,
    rounds: roundsOf[length],
    windowMs,
    seed,
  });
  // Each half of the rounds chooses the best for the other half, for the best of many is best by luck, too.
  const means = (parity: number) =>
    points.map(
      (_, point) => meanOf(logRatios.filter((_, round) => round % 2 === parity).map((row) => row[point] ?? 0)).value,
    );
  const gaps = [0, 1].map((parity) => {
    const chosenOn = means(parity);
    const best = chosenOn.indexOf(Math.max(...chosenOn));
    return { best, gap: means(1 - parity)[best] ?? 0 };
  });
  const overUsual = meanOf(logRatios.map((row) => -(row[1] ?? 0)));
  return {
    end,
    best: told[gaps[0]?.best ?? 0]?.settings ?? end,
    fraction: Math.min(1, Math.exp(-meanOf(gaps.map(({ gap }) => gap)).value)),
    overDefault: { estimate: Math.expm1(overUsual.value), high: Math.expm1(overUsual.ci95?.[1] ?? 0) },
    committed,
    moved: !sameSettings(end, usual),
  };
}

const aaTrials = 300;
/** Of the first load, which has one guest: a cache for more of them changes nothing, and is not cheaper. */
const nothing: Settings = { moduleCacheCapacity: 48 };

/** A setting is proposed that does nothing: real flips, and no gain. */
async function nothingTried({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  if (length !== 'long') return [];
  let commits = 0;
  const load = realLoads[0] as RealLoad;
  await using running = await load.start(seed);
  const { executor } = running;
  for (let i = 0; i < aaTrials; i++) {
    signal?.throwIfAborted();
    await using tuner = tune(executor, {
      mode: 'auto',
      ...load.goal,
      subjectTo: ['errors < 50%'],
      stateDir: ':memory:',
      seed: seed + i,
      expert: { windowMs: 200, baselineWindows: 8, noisePairs: 0, overheadPairs: 0, holdBackFraction: 0 },
    });
    const { decision } = await tuner.propose(nothing);
    const { trials } = tuner.history;
    const gained = trials.some(
      (one) => one.decision?.decision === 'commit' && triggers[one.decision.trigger].keeps === 'gain',
    );
    if (decision === 'commit' && gained) commits++;
    await tuner.stop();
    if (i % 20 === 19) progress(`${commits} of ${i + 1} trials of nothing on a real pool committed`);
  }
  return [
    {
      name: 'real_aa_false_commits',
      unit: `of ${aaTrials} trials`,
      better: 'lower',
      targets: [{ op: '<=', value: 7, on: 'value' }],
      value: commits,
      samples: aaTrials,
    },
  ];
}

function settingsOf({ knobs }: Executor): Settings {
  return Object.fromEntries(knobs.map((knob) => [knob.id, knob.read().effective]));
}
