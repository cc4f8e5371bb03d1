/**
 * What keeps a killed process from doing harm, each taken away by itself in the acceptance's own child,
 * so that the checks are seen to find what is then wrong.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../../src/contracts.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { Store } from '../../../src/store/store.ts';
import { ThreadWriter } from '../../../src/store/thread-writer.ts';
import { replaceMethod } from '../replace-method.ts';

export const guards = ['anchor', 'durable', 'transaction'] as const;
/**
 * anchor: a start begins on the setting kept, not on the one in force at the end.
 * durable: what is said to be on disk is there.
 * transaction: the record of an anchor and the kept setting get on disk together.
 */
export type Guard = (typeof guards)[number];

/** How much later the kept setting is put where it is put by itself. */
const laterMs = 100;

/** Returns who is to be told of each setting that comes into force. */
export function takeAway(guard: Guard | null): (settings: Settings) => void {
  if (guard === 'anchor') return beginOnWhatWasInForce();
  if (guard === 'durable') replaceMethod(ThreadWriter.prototype, 'written', () => () => Promise.resolve());
  if (guard === 'transaction') keepLater();
  return () => undefined;
}

function beginOnWhatWasInForce(): (settings: Settings) => void {
  const path = join(process.env['SANDTUNE_DIR'] ?? '.', 'in-force.json');
  const inForce = () => (existsSync(path) ? readFileSync(path, 'utf8') : null);
  replaceMethod(Store.prototype, 'cell', (cell) => {
    return function (this: Store, subject, key) {
      return (key === 'kept' ? inForce() : null) ?? cell.call(this, subject, key);
    };
  });
  let configured: Settings | null = null;
  return (settings) => {
    configured ??= (JSON.parse(inForce() ?? 'null') as { configured: Settings } | null)?.configured ?? settings;
    writeFileSync(path, JSON.stringify({ configured, settings }));
  };
}

function keepLater(): void {
  replaceMethod(Store.prototype, 'append', (append) => {
    return function (this: Store, rows, { cells = [], ...options } = {}) {
      if (cells.length > 0) void systemTimers.sleep(laterMs).then(() => append.call(this, [], { cells, ...options }));
      return append.call(this, rows, options);
    };
  });
}
