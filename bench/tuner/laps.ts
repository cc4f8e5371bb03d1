/** Many laps, on as many threads as there are CPUs. */
import type { Lap } from './lap.ts';
import { inThreads, type ThreadsOptions } from './threads.ts';

/** Plain data. */
export interface LapJob {
  /** A name of the catalogue, or a file. */
  readonly world: string;
  readonly seed: number;
  readonly forMs: number;
  /** Names of the peers that run beside ours. */
  readonly rules: readonly string[];
  /** One that has Optuna; null: there is none. */
  readonly python: string | null;
}

/** In the order of the jobs. @throws the first error of a lap, once all threads have ended */
export function runLaps(jobs: readonly LapJob[], options: ThreadsOptions<Lap> = {}): Promise<readonly Lap[]> {
  return inThreads(new URL('./lap-worker.ts', import.meta.url), jobs, options);
}
