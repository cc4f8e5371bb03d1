/** `sandtune replay`: decides everything again from the recorded events and compares to the byte. */
import { parseArgs } from 'node:util';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { replay } from '../../../tuner/replay.ts';
import { existingLedger } from '../existing-ledger.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { replayText } from '../result-text.ts';
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
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger ${ledger.path}: expected ${wanted}, got none`);
  }
  process.stdout.write(values.json ? `${JSON.stringify(played, null, 2)}\n` : `${replayText(played)}\n`);
  return played.identical ? exitCodes.ok : exitCodes.failure;
}
