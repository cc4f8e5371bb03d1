/**
 * `sandtune replay`: decides everything again from the recorded events and compares to the byte, and
 * says what was altered in the ledger, taken out of it or cut off since it was written.
 */
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { replayOf } from '../../stored/report-of.ts';
import { faultTexts } from '../../words/faults.ts';
import { jsonText, printableLines } from '../../words/printable.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { replayText } from '../result-text.ts';
import { stateFolder, wholeNumber } from '../state-folder.ts';

export async function replayCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseCommandLine('replay', args, { session: { type: 'string' }, json: { type: 'boolean' } });
  const session = wholeNumber('--session', values.session);
  const played = await replayOf(stateFolder(values['state-dir']), { ...(session !== undefined && { session }) });
  const foundNothing = played.sessions === 0 && played.damaged.length === 0 && played.faultCount === 0;
  if (foundNothing) {
    const wanted = session === undefined ? 'at least one session' : `session ${session}`;
    const got = played.pruned > 0 ? replayText(played) : 'none';
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger ${played.path}: expected ${wanted}, got ${got}`);
  }
  process.stdout.write(
    values.json
      ? `${jsonText(played)}\n`
      : `${printableLines([replayText(played), ...faultTexts(played)].join('\n'))}\n`,
  );
  return played.identical && played.sessions > 0 && played.faultCount === 0 ? exitCodes.ok : exitCodes.failure;
}
