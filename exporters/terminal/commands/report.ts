/** `sandtune report`: a session of the ledger as a page, a summary and JSON. */
import { SandtuneError } from '../../../src/foundation/errors.ts';
import type { LedgerExecutor } from '../../../tuner/tuner-ledger.ts';
import { writeReport } from '../../report/write-report.ts';
import { openStored } from '../../stored/open-stored.ts';
import { reportOf } from '../../stored/report-of.ts';
import { listText } from '../../words/numbers.ts';
import { printable } from '../../words/printable.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { reportFolder } from '../report-folder.ts';
import { columnsOf, resultText } from '../result-text.ts';
import { stateFolder, wholeNumber } from '../state-folder.ts';

export async function reportCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseCommandLine('report', args, {
    out: { type: 'string' },
    session: { type: 'string' },
    executor: { type: 'string' },
    markdown: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  if (values.markdown && values.json) throw new UsageError('expected --markdown or --json, got both');
  if (values.session !== undefined && values.executor !== undefined)
    throw new UsageError('expected --session or --executor, got both');
  const numbered = wholeNumber('--session', values.session);
  const folder = stateFolder(values['state-dir']);
  const executors = executorsIn(folder);
  const session = values.executor === undefined ? numbered : newestOf(values.executor, executors, folder);
  const made = await reportOf(folder, { replay: true, ...(session !== undefined && { session }) });
  if (made.replay === null)
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger in '${folder}': expected at least one session, got none`);
  const toStdout = values.markdown || values.json;
  const out = values.out ?? (toStdout ? null : reportFolder(made.replay.path));
  const paths = out === null ? null : await writeReport(made, out);
  process.stdout.write(
    values.markdown
      ? made.markdown
      : values.json
        ? made.json
        : resultText(made.data, paths, made.replay, columnsOf(process.stdout)),
  );
  const others = executors.filter(({ name }) => name !== made.data.session?.executor);
  if (others.length > 0 && session === undefined) {
    const listed = listText(others.map(({ name, session: newest }) => `'${name}' (${newest})`));
    process.stderr.write(
      `${printable(`sandtune: also in this ledger: ${listed}; --executor NAME reports its last session`)}\n`,
    );
  }
  return exitCodes.ok;
}

function executorsIn(folder: string): readonly LedgerExecutor[] {
  using ledger = openStored(folder);
  return ledger.executors();
}

/** @throws {SandtuneError} ERR_SANDTUNE_LEDGER when it has no session there */
function newestOf(wanted: string, executors: readonly LedgerExecutor[], folder: string): number {
  const found = executors.find(({ name }) => name === wanted);
  if (found) return found.session;
  const names =
    executors.length === 0
      ? 'which has no session'
      : `expected one of ${listText(executors.map(({ name }) => `'${name}'`))}`;
  throw new SandtuneError('ERR_SANDTUNE_LEDGER', `no session of '${wanted}' in the ledger in '${folder}', ${names}`);
}
