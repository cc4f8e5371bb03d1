/**
 * `sandtune check`: for a deployment or a nightly run, which reads its exit code. It reads a ledger and
 * changes nothing.
 *
 *   a limit is broken now ─▶ 99    a proven setting is not what is configured ─▶ 98    else 0
 *
 * 0 says that nothing is amiss as far as it was judged; where nothing was, the text says so and why, and what a
 * hold-back has neither confirmed nor refuted is named, for it is not proven yet. Limits are
 * those of the newest session of an executor, and what was proven is looked for in all of them.
 */
import { SandtuneError } from '../../../src/foundation/errors.ts';
import {
  extendKept,
  historyOf,
  nothingKept,
  type SessionHistory,
  type SessionWindows,
} from '../../../tuner/history.ts';
import type { TunerLedger } from '../../../tuner/tuner-ledger.ts';
import { openStored } from '../../stored/open-stored.ts';
import { listText } from '../../words/numbers.ts';
import { jsonText } from '../../words/printable.ts';
import { judgedLimits, judgedTrials, notApplied, provenOnce } from '../check/judge.ts';
import { type CheckedExecutor, checkedLines } from '../check/words.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { stateFolder } from '../state-folder.ts';

export async function checkCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseCommandLine('check', args, { executor: { type: 'string' }, json: { type: 'boolean' } });
  const folder = stateFolder(values['state-dir']);
  using ledger = openStored(folder);
  const checked = checkedIn(ledger, values.executor);
  if (checked.length === 0) {
    const wanted = values.executor === undefined ? 'a session' : `a session of '${values.executor}'`;
    const names = ledger.executors().map(({ name }) => `'${name}'`);
    throw new SandtuneError(
      'ERR_SANDTUNE_LEDGER',
      `ledger in '${folder}': expected ${wanted}, got ${names.length === 0 ? 'none' : `those of ${listText(names)}`}`,
    );
  }
  const code = codeOf(checked);
  const text = values.json ? jsonText(resultOf(checked, code)) : checked.flatMap(checkedLines).join('\n');
  process.stdout.write(`${text}\n`);
  return code;
}

function checkedIn(ledger: TunerLedger, executor: string | undefined): readonly CheckedExecutor[] {
  const { sessions } = historyOf(ledger.read({ windows: false }));
  const names = [...new Set(sessions.map(({ entry }) => entry.executor))];
  return names
    .filter((name) => name === (executor ?? name))
    .map((name) => {
      const own = sessions.filter(({ entry }) => entry.executor === name);
      const session = own.at(-1) as SessionHistory;
      return {
        executor: name,
        session,
        limits: judgedLimits(session, windowsOf(ledger, session)),
        trials: judgedTrials(own),
        notApplied: notApplied(own),
        provenOnce: provenOnce(own),
      };
    });
}

function windowsOf(ledger: TunerLedger, { entry }: SessionHistory): SessionWindows {
  let kept = nothingKept;
  for (const one of ledger.read({ session: entry.session })) kept = extendKept(kept, one);
  return kept.windows;
}

function codeOf(checked: readonly CheckedExecutor[]): ExitCode {
  if (checked.some(({ limits }) => limits.broken.length > 0)) return exitCodes.limitBroken;
  const isMissing = checked.some((one) => one.notApplied.some(({ proven }) => Object.keys(proven).length > 0));
  return isMissing ? exitCodes.notApplied : exitCodes.ok;
}

function resultOf(checked: readonly CheckedExecutor[], exitCode: ExitCode): object {
  return {
    schemaVersion: 1,
    exitCode,
    executors: checked.map(({ executor, session, limits, trials, notApplied: missing, provenOnce: once }) => ({
      executor,
      session: session.entry.session,
      judged: { guardrails: limits.broken.length + limits.kept.length, trials },
      unjudged: limits.unjudged.map(({ text }) => text),
      broken: limits.broken.map(({ limit, value, calls }) => ({
        guardrail: limit.text,
        limit: limit.limit,
        value,
        calls,
      })),
      notApplied: missing.map(({ session: of, trial, proven, configured, gone }) => ({
        session: of.entry.session,
        trial: trial.trial,
        proven,
        configured,
        gone,
      })),
      provenOnce: once.map(({ session: of, trial, settings }) => ({
        session: of.entry.session,
        trial: trial.trial,
        settings,
      })),
    })),
  };
}
