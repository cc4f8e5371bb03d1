/**
 * How often the tuner claims a gain that is none, and finds one that is: trials with the gates passed by over
 * every null and every noise; whole days of the tuner alone in the nulls of the catalogue; and proposals of
 * somebody that gain or lose a few per cent, decided with the defaults that are shipped.
 */
import { triggers } from '../../tuner/entries/triggers.ts';
import { tune } from '../../tuner/tune.ts';
import { rateOf, shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { bursty, candidateDoes, collecting, costly, drifting, noisy, quiet, shared } from '../worlds/arms.ts';
import { makeWorld } from '../worlds/catalogue/catalogue.ts';
import { concurrency, throughput, usualNoise } from '../worlds/catalogue/entry.ts';
import { nulls } from '../worlds/catalogue/nulls.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { trialResults } from '../worlds/run-trial.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';
import type { World } from '../worlds/world.ts';

export const level: Group = {
  about: 'false commits over every null, alone and by the day; gains and losses of a few per cent',
  run: async (options) => [
    await falseCommits(options),
    await falseCommitsPerDay(options),
    ...(await smallEffects(options)),
  ],
};

const trialsOf: Readonly<Record<SuiteLength, number>> = { quick: 8, full: 300, long: 4000 };
/** Simulated days in each null. */
const daysOf: Readonly<Record<SuiteLength, number>> = { quick: 0.005, full: 0.25, long: 9 };
const proposalsOf: Readonly<Record<SuiteLength, number>> = { quick: 6, full: 100, long: 1000 };
const dayMs = 86_400_000;

const noises: readonly WorldSpec[] = [quiet, noisy, drifting, bursty, collecting, costly, shared];

/** Of the null in which it happened most often: a mean over nulls would hide one. */
async function falseCommits({ length, seed, progress, signal }: SuiteOptions): Promise<Figure> {
  const seeds = Array.from({ length: trialsOf[length] }, (_, i) => seed + i);
  const shares: (readonly [string, readonly boolean[]])[] = [];
  const worlds = [
    ...noises.map((spec) => ({ spec: () => spec, arms: undefined })),
    ...nulls.map((one) => ({
      spec: (of: number) => ({ name: one.name, ...one.spec(of) }),
      arms: { baseline: { concurrency: 8 }, candidate: { concurrency: 16 } },
    })),
  ];
  for (const { spec, arms } of worlds) {
    signal?.throwIfAborted();
    const results = await trialResults(spec(seed), {}, seeds, arms);
    const committed = results.map(({ trigger }) => triggers[trigger].keeps === 'gain');
    const { name } = spec(seed);
    progress(`${name}: ${committed.filter(Boolean).length} of ${committed.length} trials of nothing committed`);
    shares.push([name, committed]);
  }
  const count = (flags: readonly boolean[]) => flags.filter(Boolean).length;
  const [, worst] = shares.reduce((most, one) => (count(one[1]) > count(most[1]) ? one : most));
  return {
    name: 'aa_false_commit_fraction',
    unit: 'of the trials in the worst null',
    better: 'lower',
    // Fewer trials than the target was reckoned for are judged on what they can exclude.
    targets: [{ op: '<=', value: 0.0125, ...(length === 'long' && { on: 'value' as const }) }],
    ...shareOf(worst),
  };
}

/** The tuner alone, gates on: what it finds to try, it tries. What it keeps because it saves is no false commit. */
async function falseCommitsPerDay({ length, seed, progress, signal }: SuiteOptions): Promise<Figure> {
  const days = daysOf[length];
  let events = 0;
  let trials = 0;
  for (const one of nulls) {
    signal?.throwIfAborted();
    const told = await commitsIn(makeWorld(one, seed), one.goal, seed, days * dayMs);
    events += told.gains;
    trials += told.trials;
    progress(`${one.name}: ${told.trials} trials in ${days} days, ${told.gains} commits of a gain`);
  }
  progress(`${trials} trials in ${days * nulls.length} days`);
  return {
    name: 'aa_false_commits_per_day',
    unit: 'a day of the world',
    better: 'lower',
    targets: [{ op: '<=', value: 0.1 }],
    ...rateOf(events, days * nulls.length),
  };
}

async function commitsIn(
  world: World,
  goal: typeof throughput,
  seed: number,
  forMs: number,
): Promise<{ readonly gains: number; readonly trials: number }> {
  const { surroundings } = manualTime(world);
  const options = { mode: 'auto', stateDir: ':memory:', ...goal, seed, surroundings } as const;
  await using tuner = tune(world.executor, options);
  const hourMs = 3_600_000;
  for (let atMs = 0; atMs < forMs; atMs += hourMs) await surroundings.timers?.sleep(Math.min(hourMs, forMs - atMs));
  const trials = tuner.history.trials.filter(({ purpose, design }) => purpose === 'candidate' && !design.audit);
  const gains = trials.filter(
    ({ decision }) => decision?.decision === 'commit' && triggers[decision.trigger].keeps === 'gain',
  );
  return { gains: gains.length, trials: trials.length };
}

const effects = [
  { name: 'minus5_committed_fraction', effect: -0.05, better: 'lower', op: '<=', value: 0.01 },
  { name: 'plus5_committed_fraction', effect: 0.05, better: 'higher', op: '>=', value: 0.9 },
  { name: 'plus2_committed_fraction', effect: 0.02, better: 'higher', op: '>=', value: 0.8 },
] as const;

/** A proposal of somebody passes the start gates by. The guardrail is kept by either setting. */
async function smallEffects({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name, effect, better, op, value } of effects) {
    const committed: boolean[] = [];
    for (let i = 0; i < proposalsOf[length]; i++) {
      signal?.throwIfAborted();
      const world = createWorld(changing(effect), seed + i);
      const { surroundings } = manualTime(world);
      const goal = { ...throughput, subjectTo: ['p99 within 10%'] } as const;
      await using tuner = tune(world.executor, {
        mode: 'auto',
        stateDir: ':memory:',
        ...goal,
        seed: seed + i,
        surroundings,
      });
      committed.push((await tuner.propose({ concurrency: 16 })).decision === 'commit');
    }
    progress(`${name}: ${committed.filter(Boolean).length} of ${committed.length}`);
    figures.push({
      name,
      unit: 'of the proposals',
      better,
      targets: [{ op, value, on: 'value' }],
      ...shareOf(committed),
    });
  }
  return figures;
}

function changing(effect: number): WorldSpec {
  const law = candidateDoes({ effect });
  return {
    ...quiet,
    name: `a change of ${effect}`,
    knobs: [concurrency()],
    law: ({ concurrency: width }, ...rest) => law({ size: width === 16 ? 2 : 1 }, ...rest),
    noise: usualNoise,
  };
}
