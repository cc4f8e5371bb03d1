/** The guest behind poolifier. */
import { workerData } from 'node:worker_threads';
import { ThreadWorker } from 'poolifier';
import type { Answer, Bytes, Request } from '../request.ts';
import { workOf } from './work.ts';

const work = workOf((workerData as { readonly bytes: Bytes }).bytes);

export const worker = new ThreadWorker<Request, Answer>((request) => work(request as Request));
