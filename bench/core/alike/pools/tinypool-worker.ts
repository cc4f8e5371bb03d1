/** The guest behind tinypool, which puts data of its own before that of its user. */
import { workerData } from 'node:worker_threads';
import { workOf } from './work.ts';

const [, { bytes }] = workerData as [unknown, { readonly bytes: Uint8Array<ArrayBuffer> }];

export const work = workOf(bytes);
