/** A ledger that is only looked at: of a state folder, or a file that somebody names, say one that was set aside. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { ledgerFile, openLedger, type TunerLedger } from '../../tuner/ledger.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_LEDGER when there is none, ERR_SANDTUNE_STORE when it cannot be read */
export function openStored(path: string): TunerLedger {
  const file = fileOf(path);
  const looking = { readOnly: true, asOfOpening: true } as const;
  return openLedger({ stateDir: dirname(file), file: basename(file), executor: '*', ...looking });
}

function fileOf(path: string): string {
  const file = kindOf(path) === 'folder' ? join(path, ledgerFile) : path;
  if (kindOf(file) === 'file') return file;
  throw new SandtuneError(
    'ERR_SANDTUNE_LEDGER',
    `no ledger in '${path}': expected ${ledgerFile} there; tune() writes one, --state-dir or SANDTUNE_DIR name another folder`,
  );
}

function kindOf(path: string): 'folder' | 'file' | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return 'folder';
    return stat ? 'file' : null;
  } catch (error) {
    // A folder that may not be entered, a path that goes through a file.
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `no ledger in '${path}': ${messageOf(error).slice(0, 400)}`, {
      cause: error,
    });
  }
}
