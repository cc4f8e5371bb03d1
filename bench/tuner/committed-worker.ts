/** Runs of a committed setting, one after the other, as they are asked for: the thread behind committed-runs.ts. */
import { committedRun } from './committed-run.ts';
import type { CommittedJob } from './committed-runs.ts';
import { guardWorld } from './guard-worlds.ts';
import { answersJobs } from './threads.ts';

answersJobs(({ world, proposal, ...options }: CommittedJob) =>
  committedRun(guardWorld(world, options.seed), proposal, options),
);
