/**
 * What a program does to itself so that a guard of the product does not hold: a story that passes all the
 * same would show nothing. It meddles with the ledger's file, as no product does.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Executor, Knob } from '../../../src/contracts.ts';
import type { GuardOff } from './lines.ts';

const everyMs = 200;

export function disableGuard(guard: GuardOff, stateDir: string, executor: Executor): void {
  const path = join(stateDir, 'ledger.sqlite');
  switch (guard) {
    case 'lease':
      // Nobody seems to hold it, at this start.
      return meddle(path, 'UPDATE leases SET owner = NULL');
    case 'fence':
      // Every grant seems to be the newest to the holder of the first, who finds nothing out.
      setInterval(() => meddle(path, "UPDATE leases SET fence = 1, owner = 'anybody'"), everyMs).unref();
      return;
    case 'anchor only':
      setInterval(() => applyNewestIntent(path, executor), everyMs).unref();
      return;
    case 'guardrails':
      // The program asks for a limit that nothing breaks.
      return;
  }
}

function meddle(path: string, sql: string): void {
  try {
    using database = new DatabaseSync(path, { timeout: 1000 });
    database.exec(sql);
  } catch {
    // There is no ledger yet, or it is busy: the next time will do.
  }
}

function applyNewestIntent(path: string, { knobs }: Executor): void {
  using database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  const row = database.prepare("SELECT text FROM rows WHERE kind = 'record:intent' ORDER BY seq DESC LIMIT 1").get();
  if (!row) return;
  const { record } = JSON.parse(String(row['text'])) as { record: { settings: { size: number } } };
  void (knobs[0] as unknown as Knob<number>).apply(record.settings.size);
}
