/** A worker that serves a ring over functions of its own, in place of guests. */
import { workerData } from 'node:worker_threads';
import type { Instances } from '../../../../src/sandbox/run/instances.ts';
import { RingServer } from '../../../../src/sandbox/run/ring/ring-server.ts';
import type { ServeMessage } from '../../../../src/sandbox/run/ring/worker-memory.ts';

const { message, whole } = workerData as {
  readonly message: ServeMessage;
  readonly whole: Int32Array<SharedArrayBuffer>;
};

function hold(held: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(held, 0, 1);
  Atomics.notify(held, 0);
  Atomics.wait(held, 0, 1);
}

const callables = [(value: unknown) => value, hold, (...values: unknown[]) => values];
const instances = {
  hit: true,
  rank: 0,
  evict: () => {},
  guestBytes: () => 0,
  destroy: () => {},
  callables: () => callables,
} as unknown as Instances;
const failureOf = () => ({
  index: 0,
  stage: 'execute' as const,
  fault: undefined,
  isMissing: false,
  thrown: undefined,
  refused: false,
});
new RingServer(
  { instances, functions: callables.map((_, local) => [0, local]), lends: () => false, whole, failureOf },
  message,
).turn();
