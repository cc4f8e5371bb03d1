/**
 * `sandtune replay`: decides everything again from the recorded events and compares to the byte, and
 * says what was altered in the ledger, taken out of it or cut off since it was written.
 */
import { parseArgs } from 'node:util';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { replay } from '../../../tuner/replay.ts';
import { existingLedger } from '../existing-ledger.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { faultText, replayText } from '../result-text.ts';
import { stateFolder, wholeNumber } from '../state-folder.ts';

export async function replayCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      'state-dir': { type: 'string' },
      session: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const session = wholeNumber('--session', values.session);
  using ledger = existingLedger(stateFolder(values['state-dir']));
  const played = replay(ledger, session);
  if (played.sessions === 0) {
    const wanted = session === undefined ? 'at least one session' : `session ${session}`;
    const got = played.pruned > 0 ? replayText(played) : 'none';
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger ${ledger.path}: expected ${wanted}, got ${got}`);
  }
  const faults = ledger.faults(session);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...played, faults }, null, 2)}\n`
      : `${[replayText(played), ...faults.map(faultText)].join('\n')}\n`,
  );
  return played.identical && faults.length === 0 ? exitCodes.ok : exitCodes.failure;
}
