/** `sandtune report`: a session of the ledger as a page, a summary and JSON. */
import { parseArgs } from 'node:util';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { writeReport } from '../../report/write-report.ts';
import { reportOf } from '../../stored/report-of.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { reportFolder } from '../report-folder.ts';
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
  const folder = stateFolder(values['state-dir']);
  const made = await reportOf(folder, { replay: true, ...(session !== undefined && { session }) });
  if (made.replay === null)
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger in '${folder}': expected at least one session, got none`);
  const toStdout = values.markdown || values.json;
  const out = values.out ?? (toStdout ? null : reportFolder(made.replay.path));
  const paths = out === null ? null : await writeReport(made, out);
  process.stdout.write(
    values.markdown ? made.markdown : values.json ? made.json : resultText(made.data, paths, made.replay),
  );
  return exitCodes.ok;
}
