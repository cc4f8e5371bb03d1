/** The guest behind comlink. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import { endpointOf } from './comlink-endpoint.ts';
import { workOf } from './work.ts';

expose(
  workOf((workerData as { readonly bytes: Uint8Array<ArrayBuffer> }).bytes),
  endpointOf(parentPort as MessagePort),
);
