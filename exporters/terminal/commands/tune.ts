/**
 * `sandtune tune <config.mts>`: runs the config's load, tunes its executor, reports.
 *
 *   config ──▶ tune() ──▶ first of: settled, time up, load over, Ctrl-C ──▶ stop on the anchor
 *          ──▶ load stops, executor closes ──▶ report, replay ──▶ stdout
 *
 * The live view goes to stderr, and only where that is a terminal; stdout carries the result alone.
 */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../../src/foundation/errors.ts';
import { modeCeiling } from '../../../tuner/mode.ts';
import { type Mode, modes } from '../../../tuner/options.ts';
import { replay } from '../../../tuner/replay.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { report } from '../../report/report.ts';
import { writeReport } from '../../report/write-report.ts';
import { jsonText, printable } from '../../words/printable.ts';
import { settingsText } from '../../words/settings.ts';
import { answerQuestions } from '../answer-questions.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { firstInterruption } from '../interruption.ts';
import { createLiveView } from '../live/live-view.ts';
import { reportFolder } from '../report-folder.ts';
import { resultText } from '../result-text.ts';
import { loadTuneConfig } from '../tune-config.ts';
import { type RunEnding, TuneRun } from '../tune-run.ts';

export async function tuneCommand(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      mode: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError(`tune: expected one config file, got ${positionals.length}`);
  const seconds = secondsOf(values.seconds);
  const mode = modeOf(values.mode);
  const config = await loadTuneConfig(file);

  const view = process.stderr.isTTY ? createLiveView() : null;
  const say = (line: string) => (view ? view.note(line) : void process.stderr.write(`sandtune: ${printable(line)}\n`));
  const interrupted = firstInterruption(() => say('interrupting; once more exits at once'));
  await using tuner = tune(config.executor, { ...config.options, ...(mode && { mode }) });
  const unwatch = view && tuner.watch(view.entry);
  const stopAnswering = answerQuestions(tuner, view);
  const run = new TuneRun({ tuner, config, interrupted, say, saysRemarks: view === null });
  const ending = await run.until(seconds);
  stopAnswering();
  unwatch?.();
  view?.close();

  const { ledger } = tuner;
  const session = ledger.lastSession();
  const played = replay(ledger, session ?? undefined);
  const made = report(ledger, { replay: played, ...(session !== null && { session }) });
  const folder = values.out ?? reportFolder(ledger.path);
  const paths = folder === null ? null : await writeReport(made, folder);
  if (values.json) {
    const result = {
      schemaVersion: 1,
      ended: ending.kind,
      mode: tuner.history.entry.options.mode,
      replayIdentical: played.identical,
      reportFiles: paths,
      report: made.data,
    };
    process.stdout.write(`${jsonText(result)}\n`);
  } else process.stdout.write(resultText(made.data, paths, played));
  if (ending.kind !== 'settled' && ending.kind !== 'time up')
    process.stderr.write(`sandtune: ${printable(endingText(ending, tuner))}\n`);
  return codeOf(ending);
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
      return `interrupted; settings are back on the anchor (${settingsText(tuner.anchor)})`;
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
  throw new UsageError(`--mode: expected one of ${modes.join(', ')}, got '${text}'`);
}
