/** Many runs of a committed setting, on as many threads as there are CPUs. */
import type { Settings } from '../../src/contracts.ts';
import type { CommittedRun, CommittedRunOptions } from './committed-run.ts';
import { inThreads, type ThreadsOptions } from './threads.ts';

/** Plain data. */
export interface CommittedJob extends CommittedRunOptions {
  /** One of guard-worlds.ts. */
  readonly world: string;
  readonly proposal: Settings;
}

/** In the order of the jobs. @throws the first error of a run, once all threads have ended */
export function committedRuns(
  jobs: readonly CommittedJob[],
  options: ThreadsOptions<CommittedRun> = {},
): Promise<readonly CommittedRun[]> {
  return inThreads(new URL('./committed-worker.ts', import.meta.url), jobs, options);
}
