/** A thread of Node's that loads what a worker of a sandbox does, with no pool around it. */
import { parentPort } from 'node:worker_threads';
import '../../../src/sandbox/run/bring-up.ts';
import '../../../src/sandbox/run/worker.ts';
import '../../../src/sandbox/run/ring/ring-server.ts';

parentPort?.postMessage('loaded');
