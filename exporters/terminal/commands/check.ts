/**
 * `sandtune check`: for a deployment or a nightly run, which reads its exit code. It reads a ledger and
 * changes nothing.
 *
 *   a limit is broken now ─▶ 99    a proven setting is not what is configured ─▶ 98    else 0
 */
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { extendKept, historyOf, nothingKept, type SessionHistory } from '../../../tuner/history.ts';
import { type BrokenLimit, brokenNow, keptNow, type Limit } from '../../../tuner/trial/limits-now.ts';
import type { TunerLedger } from '../../../tuner/tuner-ledger.ts';
import { openStored } from '../../stored/open-stored.ts';
import { countedText, listText, shareText } from '../../words/numbers.ts';
import { patchLines, patchLineText } from '../../words/patch-lines.ts';
import { jsonText, printable } from '../../words/printable.ts';
import { settingsText } from '../../words/settings.ts';
import { type NotApplied, notApplied } from '../check/judge.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { stateFolder } from '../state-folder.ts';

interface Checked {
  readonly executor: string;
  readonly session: SessionHistory;
  readonly broken: readonly BrokenLimit[];
  /** Limits of which the newest windows say nothing: too few calls. */
  readonly unjudged: readonly Limit[];
  readonly notApplied: NotApplied | null;
}

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
  const text = values.json ? jsonText(resultOf(checked, code)) : checked.flatMap(linesOf).join('\n');
  process.stdout.write(`${text}\n`);
  return code;
}

function checkedIn(ledger: TunerLedger, executor: string | undefined): readonly Checked[] {
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
        ...limitsIn(ledger, session),
        notApplied: notApplied(own),
      };
    });
}

/** What the newest windows of the session say of its limits. */
function limitsIn(ledger: TunerLedger, { entry }: SessionHistory): Pick<Checked, 'broken' | 'unjudged'> {
  let kept = nothingKept;
  for (const one of ledger.read({ session: entry.session })) kept = extendKept(kept, one);
  const { newest } = kept.windows;
  const limits = entry.goal.guardrails.filter((one) => one.kind === 'absolute');
  const broken = brokenNow(limits, newest);
  const judged = new Set([...keptNow(limits, newest), ...broken.map(({ limit }) => limit)]);
  return { broken, unjudged: limits.filter((one) => !judged.has(one)) };
}

function codeOf(checked: readonly Checked[]): ExitCode {
  if (checked.some(({ broken }) => broken.length > 0)) return exitCodes.limitBroken;
  return checked.some((one) => one.notApplied !== null) ? exitCodes.notApplied : exitCodes.ok;
}

function linesOf(checked: Checked): readonly string[] {
  const { executor, session, broken, notApplied: missing } = checked;
  const limits = broken.map(({ limit, value, calls }) => {
    const now = limit.metric === 'errors' ? shareText(value, 2) : durationText(value);
    const over = `over the newest ${countedText(calls, 'call')}`;
    return printable(`'${executor}': ${limit.text} is broken: ${limit.metric} ${now} ${over}`);
  });
  if (missing === null)
    return limits.length > 0
      ? limits
      : [printable(`'${executor}': ${keptText(checked)}, and nothing proven is left out`)];
  const patch = session.patches.findLast(({ settings }) => sameSettings(settings, missing.trial.candidate));
  const proven = `${settingsText(missing.proven)} was proven in trial ${missing.trial.trial} of session ${missing.session}`;
  return [
    ...limits,
    printable(`'${executor}': ${proven}, and ${settingsText(missing.configured)} is configured`),
    ...patchLines(patch?.patches ?? []).map(patchLineText),
  ];
}

/** Where no limit is broken: which are kept, as far as that can be said. */
function keptText({ session, unjudged }: Checked): string {
  if (!session.entry.goal.guardrails.some((one) => one.kind === 'absolute')) return 'no limit on a value is set';
  return unjudged.length === 0
    ? 'no limit is broken'
    : `no limit is seen broken (too few calls to judge ${listText(unjudged.map(({ text }) => text))})`;
}

function resultOf(checked: readonly Checked[], exitCode: ExitCode): object {
  return {
    schemaVersion: 1,
    exitCode,
    executors: checked.map(({ executor, session, broken, unjudged, notApplied: missing }) => ({
      executor,
      session: session.entry.session,
      broken: broken.map(({ limit, value, calls }) => ({
        guardrail: limit.text,
        limit: limit.limit,
        value,
        calls,
      })),
      unjudged: unjudged.map(({ text }) => text),
      notApplied: missing && {
        session: missing.session,
        trial: missing.trial.trial,
        proven: missing.proven,
        configured: missing.configured,
      },
    })),
  };
}
