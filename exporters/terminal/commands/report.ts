/** `sandtune report`: a session of the ledger as a page, a summary and JSON. */
import { parseArgs } from 'node:util';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { replay } from '../../../tuner/replay.ts';
import { report } from '../../report/report.ts';
import { writeReport } from '../../report/write-report.ts';
import { existingLedger, reportFolder } from '../existing-ledger.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { resultText } from '../result-text.ts';
import { stateFolder, wholeNumber } from '../state-folder.ts';

export async function reportCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      'state-dir': { type: 'string' },
      out: { type: 'string' },
      session: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.markdown && values.json) throw new UsageError('expected --markdown or --json, got both');
  const session = wholeNumber('--session', values.session);
  using ledger = existingLedger(stateFolder(values['state-dir']));
  const first = report(ledger, { ...(session !== undefined && { session }) });
  const chosen = first.data.session?.session;
  if (chosen === undefined)
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger ${ledger.path}: expected at least one session, got none`);
  const played = replay(ledger, chosen);
  const made = report(ledger, { session: chosen, replay: played });
  const toStdout = values.markdown || values.json;
  const folder = values.out ?? (toStdout ? null : reportFolder(ledger));
  const paths = folder === null ? null : await writeReport(made, folder);
  process.stdout.write(
    values.markdown ? made.markdown : values.json ? made.json : resultText(made.data, paths, played),
  );
  return exitCodes.ok;
}
