/** Where a report goes when nobody says otherwise. */
import { dirname, join } from 'node:path';

/** null for a ledger that is not on disk. */
export function reportFolder(ledgerPath: string): string | null {
  return ledgerPath === ':memory:' ? null : join(dirname(ledgerPath), 'report');
}
