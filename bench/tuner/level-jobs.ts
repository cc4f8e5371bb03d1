/**
 * What the figures of level are made of, as jobs: trials of nothing in one null, a day of the tuner alone in it, and
 * one proposal that gains or loses a few per cent.
 */
import { triggers } from '../../tuner/entries/triggers.ts';
import { tune } from '../../tuner/tune.ts';
import { bursty, candidateDoes, collecting, costly, drifting, noisy, quiet, shared } from '../worlds/arms.ts';
import { makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { concurrency, throughput, usualNoise } from '../worlds/catalogue/entry.ts';
import { nulls } from '../worlds/catalogue/nulls.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { trialResults } from '../worlds/run-trial.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';
import { inThreads, type ThreadsOptions } from './threads.ts';

/** Plain data, as is what comes of each. */
export type LevelJob =
  | { readonly kind: 'trials'; readonly null: string; readonly seeds: readonly number[] }
  | { readonly kind: 'alone'; readonly null: string; readonly seed: number; readonly forMs: number }
  | { readonly kind: 'proposal'; readonly effect: number; readonly seed: number };

/** Commits of a gain, and trials. */
interface Counted {
  readonly gains: number;
  readonly trials: number;
}

const noises: readonly WorldSpec[] = [quiet, noisy, drifting, bursty, collecting, costly, shared];

/** The noises of one trial's worlds, and the nulls of the catalogue. */
export const nullNames: readonly string[] = [...noises, ...nulls].map(({ name }) => name);

/** In the order of the jobs, on as many threads as there are CPUs. @throws the first error of a job */
export function countedIn(
  jobs: readonly LevelJob[],
  options: ThreadsOptions<Counted> = {},
): Promise<readonly Counted[]> {
  return inThreads(new URL('./level-worker.ts', import.meta.url), jobs, options);
}

export function counted(job: LevelJob): Promise<Counted> {
  switch (job.kind) {
    case 'trials':
      return trialsOfNothing(job.null, job.seeds);
    case 'alone':
      return alone(job.null, job.seed, job.forMs);
    case 'proposal':
      return proposal(job.effect, job.seed);
  }
}

async function trialsOfNothing(name: string, seeds: readonly number[]): Promise<Counted> {
  const noise = noises.find((one) => one.name === name);
  const results = noise
    ? await trialResults(noise, {}, seeds)
    : await trialResults({ name, ...worldNamed(name).spec(seeds[0] ?? 0) }, {}, seeds, {
        baseline: { concurrency: 8 },
        candidate: { concurrency: 16 },
      });
  return { gains: results.filter(({ trigger }) => triggers[trigger].keeps === 'gain').length, trials: results.length };
}

/** The tuner alone, gates on: what it finds to try, it tries. What it keeps because it saves is no false commit. */
async function alone(name: string, seed: number, forMs: number): Promise<Counted> {
  const one = worldNamed(name);
  const world = makeWorld(one, seed);
  const { surroundings } = manualTime(world);
  await using tuner = tune(world.executor, { mode: 'auto', stateDir: ':memory:', ...one.goal, seed, surroundings });
  const hourMs = 3_600_000;
  for (let atMs = 0; atMs < forMs; atMs += hourMs) await surroundings.timers?.sleep(Math.min(hourMs, forMs - atMs));
  const trials = tuner.history.trials.filter(({ purpose, design }) => purpose === 'candidate' && !design.audit);
  const gains = trials.filter(
    ({ decision }) => decision?.decision === 'commit' && triggers[decision.trigger].keeps === 'gain',
  );
  return { gains: gains.length, trials: trials.length };
}

/** A proposal of somebody passes the start gates by. The guardrail is kept by either setting. */
async function proposal(effect: number, seed: number): Promise<Counted> {
  const world = createWorld(changing(effect), seed);
  const { surroundings } = manualTime(world);
  const goal = { ...throughput, subjectTo: ['p99 within 10%'] } as const;
  await using tuner = tune(world.executor, { mode: 'auto', stateDir: ':memory:', ...goal, seed, surroundings });
  const { decision } = await tuner.propose({ concurrency: 16 });
  return { gains: decision === 'commit' ? 1 : 0, trials: 1 };
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
