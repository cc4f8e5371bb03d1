/**
 * Limits that are broken now: what comes before every verdict, in every mode. With the CPUs that others on the
 * machine left to the process meanwhile, where that is not even half of them: no setting helps against that.
 */
import type { SessionHistory, SessionWindows } from '../../../tuner/history.ts';
import { brokenNow } from '../../../tuner/trial/limits-now.ts';
import { readingText, restingOnText } from '../../words/limits.ts';
import { countedText, listText } from '../../words/numbers.ts';
import type { BrokenData } from '../data.ts';
import type { SessionJudgement } from './judgement.ts';
import { claiming, joined, nothing, type Statement } from './statement.ts';

export function brokenIn(session: SessionHistory, { newest, keptOnce }: SessionWindows): readonly BrokenData[] {
  return brokenNow(session.entry.goal.guardrails, newest).map(({ limit, value, calls, windows }) => ({
    guardrail: limit.text,
    metric: limit.metric,
    value,
    limit: limit.limit,
    calls,
    windows,
    // Of a session whose first windows were dropped nobody knows how it began.
    sinceStart: session.prunedWindows === 0 && !keptOnce.includes(limit.text),
  }));
}

/**
 * 'p99 < 50ms is broken now: p99 62 ms over the newest 2,310 calls', one clause for all that are broken for as
 * long and read from the same calls; null where every limit is kept.
 */
export function alarmOf(judged: SessionJudgement): Statement | null {
  const { brokenNow: broken } = judged;
  if (broken.length === 0) return null;
  const alike = Map.groupBy(broken, ({ sinceStart, calls }) => `${sinceStart} ${calls}`);
  return joined([...[...alike.values()].map((some) => clauseOf(judged, some)), crowded(judged)], '; ');
}

/** The share of its CPUs that a process has at least, where what is slow is not told as a want of them. */
const enoughCpus = 0.5;
/** The operating system counts idle time in coarse ticks. */
const leastMs = 500;

function crowded({ session, windows: { newest } }: SessionJudgement): Statement {
  const { cores } = session.entry.environment;
  const known = newest.filter((window) => window.idleCpuMs !== undefined);
  const spentMs = known.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  if (spentMs < leastMs) return nothing;
  const had = known.reduce((sum, window) => sum + window.cpuMs + (window.idleCpuMs ?? 0), 0) / spentMs;
  if (had >= enoughCpus * cores) return nothing;
  return claiming(
    'crowded',
    `others on this machine left it ${Number(had.toPrecision(2))} of ${countedText(cores, 'CPU')} meanwhile`,
    { had, cores },
    [1],
  );
}

function clauseOf(judged: SessionJudgement, broken: readonly BrokenData[]): Statement {
  const { sinceStart, calls, windows } = broken[0] as BrokenData;
  const names = listText(broken.map((one) => one.guardrail));
  const readings = broken.map(({ metric, value }) => readingText(metric, value));
  const values = Object.fromEntries(broken.map((one) => [one.metric, one.value]));
  return claiming(
    'alarm',
    `${names} ${whenText(judged, broken.length === 1, sinceStart)}: ${listText(readings)} ${restingOnText({ calls, windows })}`,
    { ...values, ...(calls > 0 ? { calls } : { windows }) },
    [1],
  );
}

/** What is seen of a session that has ended, or whose process is gone, was so then. */
function whenText({ session, runner }: SessionJudgement, one: boolean, sinceStart: boolean): string {
  const were = one ? 'was' : 'were';
  if (session.ended !== 'open' || runner?.is === 'ending')
    return sinceStart ? `${were} broken from the start to the end` : `${were} broken at the end`;
  if (runner?.is === 'gone')
    return sinceStart ? `${were} broken from the start, and when last seen` : `${were} broken when last seen`;
  return `${one ? 'is' : 'are'} broken now${sinceStart ? `, as ${one ? 'it was' : 'they were'} from the start` : ''}`;
}
