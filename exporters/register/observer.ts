/**
 * How `sandtune observe` learns whether a pool was seen: processes it has started, and those that they start,
 * leave a mark in a file it names in their environment.
 */
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const variable = 'SANDTUNE_OBSERVER';

export interface Observer extends Disposable {
  readonly environment: Readonly<Record<string, string>>;
  hasHeard(): boolean;
}

export function listenToObserved(): Observer {
  const folder = mkdtempSync(join(tmpdir(), 'sandtune-observe-'));
  const file = join(folder, 'reported');
  return {
    environment: { [variable]: file },
    hasHeard: () => existsSync(file),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A process reports to whoever observes it, if anybody does. Never throws. */
export function tellObserver(environment: NodeJS.ProcessEnv): void {
  const file = environment[variable];
  if (file === undefined) return;
  try {
    appendFileSync(file, `${process.pid}\n`);
  } catch {
    // Whoever observed it has gone.
  }
}
