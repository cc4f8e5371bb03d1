/** The peers' worker: the same guest, called the way piscina's users call one. */
import { parentPort, workerData } from 'node:worker_threads';

const bytes = (workerData as { readonly bytes: Uint8Array<ArrayBuffer> } | undefined)?.bytes;
const work = bytes
  ? (new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports['work'] as (n: number) => number)
  : undefined;

/** One call a task. */
export function one(n: number): number {
  return work?.(n) ?? Number.NaN;
}

/** Many calls a task. */
export function many(ns: readonly number[]): number[] {
  return ns.map(one);
}

/** Started without piscina, the worker answers [id, n] with [id, result]. */
if ((workerData as { readonly raw?: boolean } | undefined)?.raw === true) {
  parentPort?.on('message', ([id, n]: readonly [number, number]) => parentPort?.postMessage([id, one(n)]));
}
