/**
 * `node --import sandtune/register app.mjs`: the program's piscina pools are found and measured, without a line
 * of code, and a report is written when the process ends. Nothing is changed in it.
 *
 * Node evaluates this file in every worker too, where there is nothing to do: a worker loads nothing more.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const { findPools } = await import('./find-pools.ts');
  const found = findPools();
  const { observeProcess } = await import('./observe-process.ts');
  observeProcess(process, found);
}
