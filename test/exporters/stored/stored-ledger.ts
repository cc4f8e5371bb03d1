/** Ledgers on disk for tests of those who read them. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { openLedger } from '../../../tuner/ledger.ts';

export async function storedLedger(folder: string, entries: readonly Entry[]): Promise<void> {
  await using ledger = openLedger({ stateDir: folder, executor: 'demo sandbox' });
  ledger.append(entries);
  await ledger.durable();
}

/** Changes the file behind the back of whoever wrote it. */
export function meddle(folder: string, sql: string): void {
  using database = new DatabaseSync(join(folder, 'ledger.sqlite'));
  database.exec(sql);
}

/** Windows as a session of weeks has them: the story's first window, over and over. */
export async function manyWindows(folder: string, story: readonly Entry[], count: number): Promise<void> {
  await using ledger = openLedger({ stateDir: folder, executor: 'demo sandbox' });
  const window = story.find((entry) => entry.kind === 'event' && entry.event.kind === 'measured') as Entry;
  ledger.append(story.slice(0, 2));
  for (let left = count; left > 0; left -= 50) {
    ledger.append(Array.from({ length: Math.min(50, left) }, () => window));
    await ledger.durable();
  }
  ledger.append(story.slice(2));
  await ledger.durable();
}
