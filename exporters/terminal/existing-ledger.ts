/** The ledger of a state folder, for commands that read a ledger and must not make one. */
import { dirname, join } from 'node:path';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { openLedger, type TunerLedger } from '../../tuner/ledger.ts';
import { hasLedger } from './state-folder.ts';

/**
 * Opens the ledger in `folder` for reading.
 * @throws {SandtuneError} ERR_SANDTUNE_LEDGER when there is none, ERR_SANDTUNE_STORE when it cannot be read
 */
export function existingLedger(folder: string): TunerLedger {
  if (!hasLedger(folder)) {
    throw new SandtuneError(
      'ERR_SANDTUNE_LEDGER',
      `no ledger in '${folder}': expected ledger.sqlite there; tune() writes one, --state-dir or SANDTUNE_DIR name another folder`,
    );
  }
  return openLedger({ stateDir: folder, executor: '*', readOnly: true });
}

/** Where a report goes when nobody says otherwise; null for a ledger that is not on disk. */
export function reportFolder(ledger: TunerLedger): string | null {
  return ledger.path === ':memory:' ? null : join(dirname(ledger.path), 'report');
}
