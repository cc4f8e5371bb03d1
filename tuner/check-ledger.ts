/** The check of what `report()` and `replay()` are given to read. */
import { SandtuneError } from '../src/foundation/errors.ts';
import { quoted } from '../src/foundation/options.ts';

/**
 * @param caller for messages: 'report()'
 * @param onDisk what reads a ledger on disk: 'reportOf()'
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no ledger, naming where there is one
 */
export function checkLedger(caller: string, onDisk: string, ledger: unknown): void {
  if (hasRead(ledger)) return;
  const hint = holdsLedger(ledger)
    ? ', whose `ledger` is one'
    : typeof ledger === 'string'
      ? `: ${onDisk} reads the ledger of a folder`
      : '';
  throw new SandtuneError('ERR_SANDTUNE_OPTION', `${caller}: expected a ledger, got ${quoted(ledger)}${hint}`);
}

function holdsLedger(value: unknown): boolean {
  try {
    return hasRead((value as { readonly ledger?: unknown } | null | undefined)?.ledger);
  } catch {
    return false;
  }
}

function hasRead(value: unknown): boolean {
  try {
    return typeof (value as { readonly read?: unknown } | null | undefined)?.read === 'function';
  } catch {
    // As of a proxy that was revoked.
    return false;
  }
}
