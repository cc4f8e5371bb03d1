/** The ledger where it would be: can it be written, and what does a durable decision cost. */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../../src/foundation/clock.ts';
import { isSandtuneError, messageOf } from '../../../src/foundation/errors.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { median } from '../../../tuner/trial/statistics.ts';
import { hasLedger } from '../state-folder.ts';
import type { Finding } from './finding.ts';
import { scratchFolder } from './scratch-folder.ts';

const appends = 20;

/** Works on a ledger of its own beside (or in) `folder`, and removes it. */
export async function checkStorage(folder: string, clock: Clock): Promise<Finding> {
  const title = 'ledger';
  try {
    // A Node that is too old has no node:sqlite: that is a finding, not a crash.
    const { openLedger } = await import('../../../tuner/ledger.ts');
    const unreadable = hasLedger(folder)
      ? troubleOf(() => openLedger({ stateDir: folder, executor: '*', readOnly: true }))
      : null;
    if (unreadable !== null)
      return {
        id: 'storage',
        state: 'poor',
        title,
        found: `the ledger in ${folder} cannot be read: ${unreadable}`,
        means: 'the next tune() sets a damaged one aside, and only observes where its off switch is lost with it',
        data: { folder: resolve(folder), error: unreadable },
      };
    using scratch = scratchFolder(nearestFolder(folder));
    await using ledger = openLedger({ stateDir: scratch.path, executor: 'doctor' });
    const costs: number[] = [];
    // The first append is not counted, because it starts the thread that writes.
    for (let index = 0; index <= appends; index++) {
      const startMs = clock.now();
      const text = `append ${index}`;
      ledger.append([{ kind: 'remark', session: 0, remark: { kind: 'note', code: 'other', title: 'doctor', text } }]);
      await ledger.durable();
      if (index > 0) costs.push(clock.now() - startMs);
    }
    const medianMs = median(costs);
    const slow = medianMs > 100;
    return {
      id: 'storage',
      state: slow ? 'poor' : 'good',
      title,
      found: `node:sqlite works in ${folder}; a durable entry takes ${durationText(medianMs)}`,
      means: slow
        ? 'each change of a setting waits for that: use a faster disk for stateDir'
        : 'each change of a setting is on disk before it happens, at little cost',
      data: { folder: resolve(folder), medianMs, worstMs: Math.max(...costs) },
    };
  } catch (error) {
    return {
      id: 'storage',
      state: 'broken',
      title,
      found: `cannot be written in ${folder}: ${messageOf(error)}`,
      means: isTooOld(error)
        ? 'tune() cannot keep its word without a ledger: a newer Node brings node:sqlite'
        : 'tune() cannot keep its word there: set stateDir or SANDTUNE_DIR to a folder that can be written',
      data: { folder: resolve(folder), error: messageOf(error) },
    };
  }
}

/** What opening it throws; null when it can be opened. */
function troubleOf(open: () => Disposable): string | null {
  try {
    open()[Symbol.dispose]();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function isTooOld(error: unknown): boolean {
  return isSandtuneError(error) && error.code === 'ERR_SANDTUNE_NODE_VERSION';
}

/** `folder`, or the nearest one above it that exists. */
function nearestFolder(folder: string): string {
  let nearest = resolve(folder);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  return nearest;
}
