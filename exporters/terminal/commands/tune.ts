/**
 * `sandtune tune <config.mts>`: runs the config's load, tunes its executor, reports.
 *
 *   config ──▶ tune() ──▶ first of: settled, time up, load over, Ctrl-C ──▶ stop on the anchor
 *          ──▶ load stops, executor closes ──▶ report, replay ──▶ stdout
 *
 * The live view goes to stderr: where that is no terminal its story line by line, and with --json nothing. stdout
 * carries the result alone.
 */
import { dirname } from 'node:path';
import { aborted } from '../../../src/foundation/aborted.ts';
import { messageOf } from '../../../src/foundation/errors.ts';
import { meantText } from '../../../src/foundation/nearest.ts';
import { modeCeiling } from '../../../tuner/mode.ts';
import { type Mode, modes } from '../../../tuner/options.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { writeReport } from '../../report/write-report.ts';
import { jsonText, printable } from '../../words/printable.ts';
import { settingsText } from '../../words/settings.ts';
import { answerQuestions } from '../answer-questions.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { listenForInterruption } from '../interruption.ts';
import { createLiveView } from '../live/live-view.ts';
import { reportFolder } from '../report-folder.ts';
import { columnsOf, resultText } from '../result-text.ts';
import { stateFolder } from '../state-folder.ts';
import { loadTuneConfig } from '../tune-config.ts';
import { resultOf } from '../tune-result.ts';
import { type RunEnding, TuneRun } from '../tune-run.ts';

export async function tuneCommand(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseCommandLine(
    'tune',
    args,
    { seconds: { type: 'string' }, mode: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean' } },
    'a config file',
  );
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError(`tune: expected one config file, got ${positionals.length}`);
  const seconds = secondsOf(values.seconds);
  const stateDir = values['state-dir'] === undefined ? undefined : stateFolder(values['state-dir']);
  const mode = modeOf(values.mode);
  const config = await loadTuneConfig(file);

  const view = process.stderr.isTTY || !values.json ? createLiveView() : null;
  const say = (line: string) => (view ? view.note(line) : void process.stderr.write(`sandtune: ${printable(line)}\n`));
  const interruption = listenForInterruption(() => say('interrupting; once more exits at once'));
  const tuner = tune(config.executor, {
    ...config.options,
    ...(mode && { mode }),
    ...(stateDir !== undefined && { stateDir }),
  });
  try {
    const unwatch = view && tuner.watch(view.entry);
    const stopAnswering = answerQuestions(tuner, process.stderr.isTTY ? view : null);
    const ending = await new TuneRun({ tuner, config, interruption, say, saysRemarks: view === null }).until(seconds);
    stopAnswering();
    unwatch?.();
    view?.close();
    const { made, played } = await resultOf(tuner, interruption.reportBy);
    const folder = values.out ?? reportFolder(tuner.ledger.path);
    const paths = folder === null ? null : await writeReport(made, folder);
    if (values.json) {
      const result = {
        schemaVersion: 1,
        ended: ending.kind,
        mode: tuner.history.entry.options.mode,
        replayIdentical: played?.identical ?? null,
        reportFiles: paths,
        report: made.data,
      };
      process.stdout.write(`${jsonText(result)}\n`);
    } else process.stdout.write(resultText(made.data, paths, played, columnsOf(process.stdout)));
    if (ending.kind !== 'settled' && ending.kind !== 'time up')
      process.stderr.write(`sandtune: ${printable(endingText(ending, tuner))}\n`);
    return codeOf(ending);
  } finally {
    await disposedBy(tuner, interruption.reportBy);
  }
}

/** Whatever a knob or a disk still does, the process ends with the command. */
async function disposedBy(tuner: Tuner, by: AbortSignal): Promise<void> {
  const disposed = Promise.resolve(tuner[Symbol.asyncDispose]());
  // What kept the executor from its anchor was told by stop().
  await Promise.race([disposed.catch(() => undefined), aborted(by)]);
}

function endingText(ending: RunEnding, tuner: Tuner): string {
  switch (ending.kind) {
    case 'settled':
      return 'nothing is worth trying for now';
    case 'time up':
      return 'the time is up';
    case 'load over':
      return 'the load ended before the tuner had settled';
    case 'off':
      return `nothing was tuned: ${switchedOffText(tuner)}`;
    case 'interrupted':
      return ending.stopped
        ? `interrupted by ${ending.by}; settings are back on the anchor (${settingsText(tuner.anchor)})`
        : `interrupted by ${ending.by}; the way back to the anchor (${settingsText(tuner.anchor)}) took too long, so that what is in force ended with this process`;
    case 'failed':
      return messageOf(ending.error);
  }
}

/** Which brakes hold, and what lets go of each: the variable, the ledger, the mode that was asked for. */
function switchedOffText({ ledger, history }: Tuner): string {
  const { mode, misread } = modeCeiling(process.env);
  const { executor } = history.entry;
  const names = ledger.switchedOff().filter((name) => name === '*' || name === executor);
  const inFolder = `sandtune on --state-dir '${dirname(ledger.path)}'`;
  const brakes = [
    ...(mode === 'off' ? [misread ?? "SANDTUNE_MODE is 'off' (unset it to tune)"] : []),
    ...names.map((name) =>
      name === '*'
        ? `everything is switched off in the ledger (${inFolder})`
        : `'${name}' is switched off in the ledger (${inFolder} --executor '${name}')`,
    ),
  ];
  return brakes.length > 0 ? brakes.join('; ') : "the mode asked for is 'off'";
}

function codeOf({ kind }: RunEnding): ExitCode {
  if (kind === 'interrupted') return exitCodes.interrupted;
  return kind === 'failed' || kind === 'off' ? exitCodes.failure : exitCodes.ok;
}

function secondsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  // Beyond that many milliseconds a timer fires at once.
  if (text.trim() === '' || !(seconds > 0) || seconds > 2_000_000)
    throw new UsageError(`--seconds: expected a number above 0, at most 2000000, got '${text}'`);
  return seconds;
}

function modeOf(text: string | undefined): Mode | undefined {
  if (text === undefined || (modes as readonly string[]).includes(text)) return text as Mode | undefined;
  throw new UsageError(`--mode: expected one of ${modes.join(', ')}, got '${text}'${meantText(text, modes)}`);
}
