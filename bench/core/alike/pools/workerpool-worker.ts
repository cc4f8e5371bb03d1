/** The guest behind workerpool. */
import { workerData } from 'node:worker_threads';
import workerpool from 'workerpool';
import { workOf } from './work.ts';

workerpool.worker({ work: workOf((workerData as { readonly bytes: Uint8Array<ArrayBuffer> }).bytes) });
