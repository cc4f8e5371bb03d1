/** Runs in which predictions are sealed, one after the other, as they are asked for: the thread behind sealings.ts. */
import { sealingsIn } from './sealings.ts';
import { answersJobs } from './threads.ts';

answersJobs(sealingsIn);
