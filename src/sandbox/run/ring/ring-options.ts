/** What the host's side of the ring transport is made with, and what of it may move while calls run. */
import type { MessagePort } from 'node:worker_threads';
import type { TransportHost } from '../transport.ts';
import type { WorkerUnit } from '../worker-unit.ts';
import type { ServeMessage } from './worker-memory.ts';

/** What its calls go by; whoever moves one changes it here. */
export interface RingSettings {
  /** How long the host looks for answers before it sleeps. */
  spinUs: number;
  /** Most calls a worker holds. */
  depth: number;
}

export interface RingTransportOptions {
  readonly host: TransportHost;
  /** Functions of the worker's table. */
  readonly functionCount: number;
  /** Calls that may wait. */
  readonly maxWaiting: number;
  readonly settings: RingSettings;
  /** Most bytes of the regions of a worker, each way. */
  readonly regionBytes: number;
  /** Carries a message to this worker, and a port with it. */
  readonly sendMessage: (unit: WorkerUnit, message: ServeMessage, port: MessagePort) => Promise<unknown>;
}
