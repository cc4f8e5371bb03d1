/**
 * piscina's own record of a worker, which what it tells of a worker carries under a symbol. Its balancer goes
 * by `currentUsage()` of these records, so whoever covers that method decides which workers calls go to,
 * and the calls wait where they always have: in the pool's own queue.
 */
import type { Worker } from 'node:worker_threads';
import { asMicrotask } from '../../foundation/turns.ts';

export interface WorkerRecord {
  readonly worker: Worker;
  /** The calls it has, by their numbers. */
  readonly taskInfos: Map<number, object>;
  /** How many calls it has; Infinity while it runs one that can be aborted, which has the worker to itself. */
  currentUsage(): number;
  /** Called by piscina with what a worker answered. */
  onMessage(answer: { readonly taskId: number; readonly error: null; readonly result: undefined }): void;
  /** Called by piscina where it has no call: it keeps no process alive. */
  unref?(): unknown;
}

/** undefined where this piscina keeps its records in another way. */
export function workerRecordOf(worker: object): WorkerRecord | undefined {
  for (const symbol of Object.getOwnPropertySymbols(worker)) {
    const value = (worker as Record<symbol, unknown>)[symbol];
    if (isRecord(value)) return value;
  }
  return undefined;
}

/** From now on piscina is told `usage` by this record, and not what it would tell itself. */
export function coverUsage(record: WorkerRecord, usage: () => number): void {
  record.currentUsage = usage;
}

export function uncoverUsage(record: WorkerRecord): void {
  delete (record as Partial<WorkerRecord>).currentUsage;
}

/** How many calls it has by piscina's own count, also while that is covered. */
export function usageOf(record: WorkerRecord): number {
  return (Object.getPrototypeOf(record) as WorkerRecord).currentUsage.call(record);
}

/** Calls `run` while none of these workers takes a call. */
export function whileNoneTakes(records: readonly WorkerRecord[], run: () => void): void {
  const covers = records.map((record) => Object.getOwnPropertyDescriptor(record, 'currentUsage'));
  for (const record of records) coverUsage(record, takesNone);
  try {
    run();
  } finally {
    for (const [index, record] of records.entries()) {
      uncoverUsage(record);
      const cover = covers[index];
      if (cover) Object.defineProperty(record, 'currentUsage', cover);
    }
  }
}

const takesNone = () => Number.POSITIVE_INFINITY;

/** No call of piscina's has this number. */
const noCall = -1;

/**
 * Makes piscina do for this worker what it does after each call: hand out the calls that wait, to every
 * worker that takes one, and let this worker end by its own rules where there are none. It is told of
 * the end of a call that nobody made, which no counter of it sees.
 */
export function offerCalls(record: WorkerRecord): void {
  record.taskInfos.set(noCall, nobodysCall());
  record.onMessage({ taskId: noCall, error: null, result: undefined });
}

/**
 * Until the callbacks of this event are through, the worker has a call that nobody made. piscina looks for one that
 * has none, after each call, while it is being closed: to it that is the sign that no call waits any more.
 * @param idle called when the worker has none again
 */
export function staysBusyForNow(record: WorkerRecord, idle: () => void): void {
  record.taskInfos.set(noCall, nobodysCall());
  asMicrotask(() => {
    record.taskInfos.delete(noCall);
    if (record.taskInfos.size === 0) record.unref?.();
    idle();
  });
}

function nobodysCall(): object {
  return { abortSignal: null, done() {} };
}

export function isRecord(value: unknown): value is WorkerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { worker, taskInfos, currentUsage, onMessage } = value as Partial<WorkerRecord>;
  return (
    typeof worker?.terminate === 'function' &&
    taskInfos instanceof Map &&
    typeof currentUsage === 'function' &&
    typeof onMessage === 'function'
  );
}
