/**
 * `node --import sandtune/register app.mjs`: the program's piscina pools are found and measured, without a line
 * of code, and a report is written when the process ends. Nothing is changed in it.
 *
 *   main thread ──▶ what observes is loaded at once, before the program and the loaders it may install
 *   a worker ─────▶ nothing more is loaded before a pool of its own is called: most have none
 */
import '../../src/foundation/node-version.ts';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { processWide } from '../../src/foundation/process-wide.ts';
import { type FoundPools, findPools, type PoolClass } from './find-pools.ts';
import { presentToObserver } from './observer.ts';

/** True in a main thread, whose pools are observed from its start. */
export const isObserving: boolean = isMainThread;

/** The program may import this as well, or have a copy of its own. */
const observing = processWide('observing', () => ({ begun: false }));

if (!observing.begun) {
  observing.begun = true;
  // First: what observes loads a piscina too, which is that of the program where the two are installed as one.
  const found = findPools();
  if (isMainThread) {
    observe(found);
  } else {
    observeOnceCalled(found);
  }
}

function observe(found: FoundPools): void {
  presentToObserver(process);
  const file = import.meta.url.endsWith('.ts') ? './observe-process.ts' : './observe-process.js';
  const { observeProcess } = createRequire(import.meta.url)(file) as typeof import('./observe-process.ts');
  observeProcess(process, found);
}

function observeOnceCalled(found: FoundPools): void {
  const own = new Map<PoolClass['prototype'], PoolClass['prototype']['run']>();
  found.each(({ prototype }) => {
    own.set(prototype, prototype.run);
    prototype.run = function firstRun(this: PoolClass['prototype'], ...args: unknown[]) {
      for (const [one, run] of own) one.run = run;
      observe(found);
      return this.run(...args);
    };
  });
}
