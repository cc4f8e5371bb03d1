/**
 * What a process left in its ledger, and whether that agrees with itself. The kept setting is read from the
 * file, and not by what the product makes of it.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Settings } from '../../src/contracts.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import { type Entry, openLedger, replay } from '../../tuner/index.ts';

export interface LeftLedger {
  readonly entries: readonly Entry[];
  /** The setting kept for the next start. */
  readonly kept: Settings | null;
  /** A sentence for each thing that does not agree. */
  readonly wrong: Readonly<Partial<Record<LedgerWrong, string>>>;
}

/** unreadable: it could not be opened or read. agreement: the last anchor on record is not the setting kept. */
export type LedgerWrong = 'unreadable' | 'replay' | 'chain' | 'agreement';

/** Never throws. */
export function leftIn(stateDir: string, executor: string): LeftLedger {
  try {
    const kept = keptIn(join(stateDir, 'ledger.sqlite'), executor);
    using ledger = openLedger({ stateDir, executor, readOnly: true });
    const entries = [...ledger.read()];
    const faults = ledger.faults();
    const { identical, difference } = replay(ledger);
    const last = lastAnchorIn(entries);
    const agrees = last === kept || (last !== null && kept !== null && sameSettings(last, kept));
    return {
      entries,
      kept,
      wrong: {
        ...(!identical && { replay: `expected ${difference?.expected}, got ${difference?.got}` }),
        ...(faults.length > 0 && { chain: JSON.stringify(faults) }),
        ...(!agrees && { agreement: `recorded ${JSON.stringify(last)}, kept ${JSON.stringify(kept)}` }),
      },
    };
  } catch (error) {
    return { entries: [], kept: null, wrong: { unreadable: messageOf(error) } };
  }
}

function lastAnchorIn(entries: readonly Entry[]): Settings | null {
  const last = entries.findLast((entry) => entry.kind === 'record' && entry.record.kind === 'anchor');
  return last?.kind === 'record' && last.record.kind === 'anchor' ? last.record.settings : null;
}

function keptIn(path: string, executor: string): Settings | null {
  using database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT value FROM cells WHERE subject = ? AND key = 'kept'").get(executor);
  return row ? (JSON.parse(String(row['value'])) as { settings: Settings }).settings : null;
}
