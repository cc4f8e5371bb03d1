/** The guest behind poolifier. */
import { workerData } from 'node:worker_threads';
import { ThreadWorker } from 'poolifier';
import { workOf } from './work.ts';

const work = workOf((workerData as { readonly bytes: Uint8Array<ArrayBuffer> }).bytes);

export const worker = new ThreadWorker<number, number>((turns) => work(turns ?? 0));
