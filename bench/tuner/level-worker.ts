/** Counts commits, one job after the other, as they are asked for: the thread behind level-jobs.ts. */
import { counted } from './level-jobs.ts';
import { answersJobs } from './threads.ts';

answersJobs(counted);
