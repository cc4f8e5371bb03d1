/** What the tuner sealed in a run, each with the world's own truth at that moment. */
import type { Interval, Settings } from '../../src/contracts.ts';
import { tune } from '../../tuner/tune.ts';
import { makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { inThreads, type ThreadsOptions } from './threads.ts';

export interface Sealing {
  readonly model: string;
  readonly gain: Interval;
  /** log(candidate / baseline) of the objective, + is better. */
  readonly truth: number;
}

/** Plain data. */
export interface SealingsJob {
  readonly world: string;
  readonly seed: number;
  readonly forMs: number;
}

/** Of each job, in their order, on as many threads as there are CPUs. @throws the first error of a job */
export function sealingsOf(
  jobs: readonly SealingsJob[],
  options: ThreadsOptions<readonly Sealing[]> = {},
): Promise<readonly (readonly Sealing[])[]> {
  return inThreads(new URL('./sealings-worker.ts', import.meta.url), jobs, options);
}

export async function sealingsIn({ world: name, seed, forMs }: SealingsJob): Promise<readonly Sealing[]> {
  const one = worldNamed(name);
  const world = makeWorld(one, seed);
  const time = manualTime(world);
  const sealings: Sealing[] = [];
  const options = { mode: 'auto', stateDir: ':memory:', ...one.goal, seed, surroundings: time.surroundings } as const;
  await using tuner = tune(world.executor, options);
  const rate = (settings: Settings) => world.truth(settings, time.clock.now()).rate;
  tuner.watch((entry) => {
    if (entry.kind !== 'record' || entry.record.kind !== 'sealed' || entry.record.predicted === null) return;
    const { from, settings, predicted } = entry.record;
    sealings.push({ model: predicted.model, gain: predicted.gain, truth: Math.log(rate(settings) / rate(from)) });
  });
  await time.timers.sleep(forMs);
  return sealings;
}
