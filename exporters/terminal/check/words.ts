/** What `sandtune check` says of one executor, in lines. */
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { holdBackOf, type SessionHistory } from '../../../tuner/history.ts';
import { isCutShort } from '../../words/hold-back.ts';
import { readingText, restingOnText } from '../../words/limits.ts';
import { listText } from '../../words/numbers.ts';
import { patchLines, patchLineText } from '../../words/patch-lines.ts';
import { printable } from '../../words/printable.ts';
import { settingsText } from '../../words/settings.ts';
import type { JudgedLimits, NotApplied, ProvenOnce } from './judge.ts';

export interface CheckedExecutor {
  readonly executor: string;
  /** The newest, whose limits these are. */
  readonly session: SessionHistory;
  readonly limits: JudgedLimits;
  /** Trials of all its sessions that came to a verdict. */
  readonly trials: number;
  readonly notApplied: readonly NotApplied[];
  readonly provenOnce: readonly ProvenOnce[];
}

export function checkedLines(checked: CheckedExecutor): readonly string[] {
  const { executor, session, limits, notApplied } = checked;
  const said = (text: string) => printable(`'${executor}': ${text}`);
  const broken = limits.broken.map((one) =>
    said(`${one.limit.text} is broken: ${readingText(one.limit.metric, one.value)} ${restingOnText(one)}`),
  );
  const missing = notApplied.flatMap(({ session: of, trial, proven, configured, gone }) => {
    const where = `in trial ${trial.trial} of session ${of.entry.session}`;
    const patch = of.patches.findLast(({ settings }) => sameSettings(settings, trial.candidate));
    return [
      ...(isEmpty(proven)
        ? []
        : [
            said(`${settingsText(proven)} was proven ${where}, and ${settingsText(configured)} is configured`),
            ...patchLines(patch?.patches ?? []).map(patchLineText),
          ]),
      ...(isEmpty(gone)
        ? []
        : [
            said(
              `${settingsText(gone)} was proven ${where}, and session ${session.entry.session}, the newest, has no such knob`,
            ),
          ]),
    ];
  });
  const rest = broken.length > 0 ? [] : [restText(checked)];
  return [...broken, ...missing, ...checked.provenOnce.map(onceText).map(said), ...rest.map(said)];
}

/** A commit that its hold-back has neither confirmed nor refuted is not proven yet, and is not in force. */
function onceText({ session, trial, settings }: ProvenOnce): string {
  const ending = holdBackOf(session, trial)?.decision;
  const became = ending
    ? `did not ${isCutShort(ending.trigger) ? 'end' : 'pass'}: ${triggers[ending.trigger].says}`
    : session.ended === 'open'
      ? 'has not ended'
      : 'did not end: the session ended before';
  return `${settingsText(settings)} was proven once, in trial ${trial.trial} of session ${session.entry.session}; its hold-back ${became}, so it is not in force`;
}

/** Where no limit is broken: what that rests on, if on anything. */
function restText({ session, limits: { kept, unjudged }, trials, notApplied, provenOnce }: CheckedExecutor): string {
  const newest = `session ${session.entry.session}, the newest`;
  const open = listText(unjudged.map(({ text }) => text));
  const why =
    unjudged.length > 0
      ? `${newest}, has too few calls at its end to judge ${open}`
      : "no limit is set that calls alone can break, such as subjectTo: ['p99 < 50ms']";
  const noTrial = 'no trial has come to a verdict';
  if (kept.length === 0 && trials === 0) return `nothing was judged: ${why}, and ${noTrial}`;
  const keptText = `no limit is broken at the end of ${newest}`;
  const limitText =
    kept.length === 0
      ? `no limit was judged: ${why}`
      : unjudged.length > 0
        ? `${keptText}, where too few calls came to judge ${open}`
        : keptText;
  if (notApplied.length > 0 || provenOnce.length > 0) return limitText;
  return `${limitText}; ${trials === 0 ? `nothing was proven: ${noTrial}` : 'nothing proven is left out'}`;
}

function isEmpty(settings: object): boolean {
  return Object.keys(settings).length === 0;
}
