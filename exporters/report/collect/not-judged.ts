/** The verdict where none can be given, and what kept it from being given. */
import { changesText } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import type { SessionHistory } from '../../../tuner/history.ts';
import { countedText } from '../../words/numbers.ts';
import { openSessionText } from '../../words/open-session.ts';
import { settingsText } from '../../words/settings.ts';
import type { TrialData } from '../data.ts';
import { waitingText } from '../trial-words.ts';
import type { SessionJudgement } from './judgement.ts';
import { claiming, joined, lineOf, nothing, plain, quote, type StatedVerdict, type Statement } from './statement.ts';
import { lastTrialOf } from './trials.ts';
import { untried, whyUntried } from './untried.ts';

/** The verdict on a ledger without a session. @param unreadable entries that were left out */
export function emptyVerdict(unreadable: number): StatedVerdict {
  return lineOf('not-judged', {
    action: plain('Not judged'),
    claim: plain(`the ledger holds no session${unreadable > 0 ? ' that can be read' : ''}`),
    rest: unreadable > 0 ? nothing : plain('start a tuner, then ask again'),
  });
}

export function notJudged(judged: SessionJudgement): StatedVerdict {
  return lineOf('not-judged', { action: plain('Not judged'), claim: reasonOf(judged), rest: restOf(judged) });
}

function reasonOf(judged: SessionJudgement): Statement {
  const { session, windows, live } = judged;
  const { mode } = session.entry.options;
  if (mode === 'off') return plain('switched off; nothing was tuned');
  const noCall = session.accounting?.offered === 0;
  const counted = (before: string, after: string) =>
    claiming('windows', `${before}${countedText(windows.count, 'window')}${after}`, { windows: windows.count }, []);
  const measuring = () => joined([counted('still measuring: ', ' so far'), unquiet(session)], ', ');
  if (windows.count === 0 && !session.failure)
    return live ? measuring() : plain(noCall ? 'no call was made' : 'no window was measured');
  if (windows.count > 0 && windows.okCalls === 0)
    return claiming(
      'windows',
      `no call ended ok in ${countedText(windows.count, 'window')}`,
      { windows: windows.count },
      [],
    );
  const last = lastTrialOf(session, windows);
  if (last?.verdict === null && last.decision === null) return inside(judged, last);
  const undecided = session.trials.findLast((one) => one.purpose === 'candidate');
  if (undecided) {
    const trigger = undecided.decision?.trigger ?? undecided.result?.trigger ?? null;
    const reason = undecided.decision?.reason ?? undecided.result?.reason ?? '';
    return claiming(
      'words',
      `no trial came to a verdict; the last ended because: ${trigger === null ? 'not known' : triggers[trigger].says} (${quote(reason)})`,
      {},
      [undecided.entryNumber, undecided.verdictEntry, undecided.decision?.entryNumber],
    );
  }
  if (session.failure)
    return claiming('words', `${session.failure.what} failed: ${quote(session.failure.message)}`, {}, [
      session.failure.entryNumber,
    ]);
  if (mode === 'observe') return plain('mode observe only measures; nothing was tried');
  if (session.baselines.length > 0) return untried(judged);
  if (live) return measuring();
  return joined([counted('no quiet reference in ', ''), unquiet(session)], ', ');
}

/** A reference was measured, and no setting got a trial. */
function isUntried({ baselines, trials, failure, entry }: SessionHistory): boolean {
  const isComparing = entry.options.mode !== 'observe' && entry.options.mode !== 'off';
  return isComparing && !failure && baselines.length > 0 && trials.every((one) => one.purpose === 'a/a');
}

/** What keeps the windows so far from being a reference. */
function unquiet({ notTried }: SessionHistory): Statement {
  const last = notTried.findLast((one) => one.code === 'not-stable');
  return last ? claiming('words', quote(last.reason), {}, [last.entryNumber]) : nothing;
}

/** Where a session stands that has a trial without a verdict. */
function inside({ session, live }: SessionJudgement, trial: TrialData): Statement {
  const where = session.ended === 'open' ? (live ? 'inside' : 'last seen inside') : 'the session ended inside';
  const what = trial.purpose === 'a/a' ? 'the noise measurement' : changesText(trial.baseline, trial.candidate);
  const waiting = waitingText(trial);
  const known = session.trials.find((one) => one.trial === trial.trial);
  return claiming(
    'trial',
    `${where} trial ${trial.trial} (${what}) after ${countedText(trial.pairCount, 'pair')}${waiting === '' ? '' : `; ${waiting}`}`,
    { trial: trial.trial, pairs: trial.pairCount },
    [known?.entryNumber],
  );
}

function restOf(judged: SessionJudgement): Statement {
  const { session, start, live, runner } = judged;
  if (session.ended === 'open' && !live && runner?.is !== 'ending' && session.entry.options.mode !== 'off')
    return plain(`the session has no recorded end: ${openSessionText(runner)}`);
  if (Object.keys(start).length === 0) return plain('nothing to tune: no knobs');
  const settings = live ? session.inForce : start;
  const stays =
    settings === undefined
      ? nothing
      : claiming('setting', `the setting ${live ? 'in force is' : 'stays at'} ${settingsText(settings)}`, {}, [1]);
  return isUntried(session) ? joined([whyUntried(judged), stays], '; ') : stays;
}
