/**
 * The part of a piscina pool that the adapter relies on, in versions 4 to 6. It is checked by its shape, so that a
 * second copy of piscina in the user's tree is as good as ours.
 */
import type { MessagePort } from 'node:worker_threads';
import { messageOf } from '../../foundation/errors.ts';

/** The part of `Piscina` that the adapter uses. */
export interface PiscinaPool<I = unknown, O = unknown> {
  run(input: I, options?: PiscinaRunOptions): Promise<O>;
  close(): Promise<void>;
  destroy?(): Promise<void>;
  /**
   * The pool's own, unfrozen object: `idleTimeout`, `minThreads` and `maxThreads` are read live. It is the same
   * through every proxy of the pool, so a pool is known by it.
   */
  readonly options: {
    filename: string | null;
    name: string;
    minThreads: number;
    maxThreads: number;
    idleTimeout: number;
    maxQueue: number;
    readonly concurrentTasksPerWorker: number;
    /** The user's own, where there is one. */
    readonly loadBalancer?: unknown;
  };
  /** Calls that wait for a thread. */
  readonly queueSize: number;
  /** Calls that have ended, one way or another. */
  readonly completed?: number;
  /** Of how long calls waited and ran, since piscina 5. */
  readonly histogram?: unknown;
  readonly threads: readonly PiscinaThread[];
  on(event: 'workerCreate' | 'workerDestroy', listener: (worker: PiscinaWorker) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  off(event: 'workerCreate' | 'workerDestroy', listener: (worker: PiscinaWorker) => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  off(event: 'error', listener: (error: unknown) => void): unknown;
  listenerCount(event: 'error'): number;
}

export interface PiscinaThread {
  readonly threadId: number;
  terminate(): Promise<number>;
}

export interface PiscinaWorker {
  readonly id: number;
  readonly currentUsage: number;
}

/** What `postMessage` can move to another thread: array buffers, message ports, streams … */
export type TransferList = Parameters<MessagePort['postMessage']>[1] & object[];

/** What may stand in a call beside CallOptions; handed to the pool as it is. */
export interface PiscinaRunOptions {
  readonly transferList?: TransferList;
  readonly filename?: string | null;
  readonly name?: string | null;
  readonly signal?: AbortSignal | null;
}

/**
 * Since piscina 5 a pool tells of its workers, asks a load balancer, and gives a worker the next call where
 * one cannot be sent. Its options would not tell: they hold whatever the program wrote there.
 */
export function tellsOfWorkers(pool: object): boolean {
  return 'histogram' in pool;
}

const optionTypes = {
  minThreads: 'number',
  maxThreads: 'number',
  idleTimeout: 'number',
  maxQueue: 'number',
  concurrentTasksPerWorker: 'number',
} as const;

/** undefined when `target` is a piscina pool, else what is missing. */
export function missingOfPiscina(target: object): string | undefined {
  try {
    return missingOf(target);
  } catch (error) {
    // As of a proxy of a pool that calls the pool's getters on itself.
    return `it cannot be read: ${messageOf(error)}`;
  }
}

function missingOf(target: object): string | undefined {
  const pool = target as Partial<Record<string, unknown>>;
  for (const method of ['run', 'close', 'on', 'off', 'listenerCount']) {
    if (typeof pool[method] !== 'function') return `it has no ${method}()`;
  }
  if (!Array.isArray(pool['threads'])) return 'it has no threads';
  if (typeof pool['queueSize'] !== 'number') return 'it has no queueSize';
  const options = pool['options'];
  if (typeof options !== 'object' || options === null) return 'it has no options';
  for (const [key, type] of Object.entries(optionTypes)) {
    if (typeof (options as Record<string, unknown>)[key] !== type) return `its options have no ${key}`;
  }
  return undefined;
}

/**
 * True for options of a call that piscina is sure to refuse: wrong ones, of which it says what is wrong, and
 * a signal that has fired.
 */
export function isRefused(options: object | null): boolean {
  if (options === null || typeof options !== 'object') return true;
  try {
    const { transferList, filename, name, signal } = options as Readonly<Record<keyof PiscinaRunOptions, unknown>>;
    const isWrong =
      (transferList !== undefined && !Array.isArray(transferList)) || !isTextOrNone(filename) || !isTextOrNone(name);
    return isWrong || (signal !== undefined && signal !== null && isFiredOrWrong(signal));
  } catch {
    // What cannot be read is refused by us, since piscina would throw.
    return false;
  }
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function isFiredOrWrong(signal: unknown): boolean {
  if (typeof signal !== 'object' || signal === null) return true;
  const isSignal = 'addEventListener' in signal || typeof (signal as { once?: unknown }).once === 'function';
  return !isSignal || (signal as { aborted?: unknown }).aborted === true;
}
