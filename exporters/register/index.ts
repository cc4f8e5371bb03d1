/**
 * `node --import sandtune/register app.mjs`: the program's piscina pools are found and measured, without a line
 * of code, and a report is written when the process ends. Nothing is changed in it.
 *
 * Node evaluates this file in every worker too, where there is nothing to do: a worker loads nothing more.
 */
import '../../src/foundation/node-version.ts';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { findPools } from './find-pools.ts';

/** True in the thread whose pools are observed. */
export const isObserving: boolean = isMainThread;

if (isObserving) {
  const found = findPools();
  // At once, before the program begins, and not by an import of this file, which would find a piscina too early.
  const file = import.meta.url.endsWith('.ts') ? './observe-process.ts' : './observe-process.js';
  const { observeProcess } = createRequire(import.meta.url)(file) as typeof import('./observe-process.ts');
  observeProcess(process, found);
}
