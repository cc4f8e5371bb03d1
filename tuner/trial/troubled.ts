/**
 * Trouble of a setting that was just proven which is too rare for its hold-back: 60 windows without a bad one leave a
 * share of 5 % possible, and after a large gain they are over within ten seconds. What a guardrail guards is therefore
 * compared once more where the setting rests, over all calls, with what it was before the change.
 *
 *   guardrails, windows before the change, windows at rest ── troubleSince ──▶ the guardrail that does not hold, and its bad windows
 *   the default left alone for as long ── whoseTrouble ──▶ its bad windows are as many ▸ both · far fewer ▸ the setting's · else go on
 *
 * Bad windows are counted, since the calls of one share their fate, and a few neighbouring ones as one, since those of one
 * outage do. Under the null that either setting meets as many, where among all windows they begin is a draw without
 * replacement.
 * @see Fisher, "The Design of Experiments", 1935, §11 (the exact test of two shares)
 */
import type { Guardrail, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { logGamma } from './exceedance.ts';
import { guardedValue } from './metric.ts';
import { limitOf } from './pooled-limits.ts';
import { pointsText } from './super-blocks.ts';

export interface RareTrouble {
  readonly guardrail: Guardrail;
  /** What the metric may be, as it was before the change. */
  readonly limit: number;
  readonly bad: number;
  readonly of: number;
  /** It is looked for again and again: these windows are the worst of many. */
  readonly repeats: boolean;
  readonly says: string;
}

/** Few windows before the change tell little of their worst calls: a high quantile is plainly beyond from so many times of it on. */
const plainly = 1.5;
/** Fewer windows at rest say nothing, and of fewer times that something was bad each may have been an outage. */
const fewest = { windows: 12, bad: 3 } as const;
/**
 * Levels of the exact test: while windows come, one looks after each of them. In the one look that follows a change the setting
 * does not have the benefit of the doubt once no more come, for what is guarded did not hold under it and held all the while
 * under the default. Later looks repeat as long as the setting stays, and what asks for one is the worst of a day: where
 * outages strike both alike, each quiet stretch of the default would convict it.
 */
const alpha = { looking: 0.01, last: 0.05 } as const;
/** Neighbouring windows of one outage are no more than these, half a minute; of more, each third one counts. */
const outage = { windows: 6, each: 3 } as const;
/** The default's share of bad windows, over the setting's, from which on they are not told apart any more. */
const alike = 0.5;

/**
 * @param recent windows at rest, of one length
 * @param repeats it is looked for as long as the setting stays
 * @returns null where every guardrail holds over all their calls, or where few were bad
 */
export function troubleSince(
  guardrails: readonly Guardrail[],
  before: readonly Window[],
  recent: readonly Window[],
  repeats = false,
): RareTrouble | null {
  if (recent.length < fewest.windows) return null;
  for (const guardrail of guardrails) {
    const { metric } = guardrail;
    // What moves the usual call is seen by pairs, and memory in any window.
    if (metric === 'p50' || metric === 'mean' || metric === 'cpu' || metric === 'rss') continue;
    const was = guardedValue(metric, before)?.value;
    const is = guardedValue(metric, recent)?.value;
    if (was === undefined || is === undefined) continue;
    const limit = Math.max(limitOf(guardrail, was), metric === 'errors' ? 0 : plainly * was);
    const bad = badIn(guardrail, limit, recent);
    if (is <= limit || bad < fewest.bad) continue;
    const text = metric === 'errors' ? pointsText : durationText;
    const says = `${guardrail.text} does not hold since the change: ${text(is)} against ${text(was)} before, ${bad} times in ${recent.length} windows`;
    return { guardrail, limit, bad, of: recent.length, repeats, says };
  }
  return null;
}

/**
 * @param alone windows of the same length in which the default was left alone
 * @param isLast it is not left alone any longer
 */
export function whoseTrouble(
  { guardrail, limit, bad, of, repeats }: RareTrouble,
  alone: readonly Window[],
  isLast = false,
): 'setting' | 'both' | null {
  if (alone.length < fewest.windows) return null;
  const there = badIn(guardrail, limit, alone);
  if (there / alone.length >= (alike * bad) / of) return 'both';
  const enough = isLast && there === 0 && !repeats ? alpha.last : alpha.looking;
  return chanceOfAsMany(bad, of, there, alone.length) <= enough ? 'setting' : null;
}

/**
 * Times that something was bad: neighbouring windows are one, as those of an outage, which strikes no window by chance. What
 * is bad for longer than one counts for more the longer it is, so that one good window among many bad ones hides nothing.
 */
function badIn({ metric }: Guardrail, limit: number, windows: readonly Window[]): number {
  let [times, run] = [0, 0];
  for (const window of windows) {
    const isBad = (guardedValue(metric, [window])?.value ?? 0) > limit;
    if (!isBad) times += timesOf(run);
    run = isBad ? run + 1 : 0;
  }
  return times + timesOf(run);
}

function timesOf(run: number): number {
  return run > outage.windows ? Math.ceil(run / outage.each) : Math.min(run, 1);
}

/** P(the first `of` hold `bad` or more) where `bad + there` are drawn from `of + others`. */
function chanceOfAsMany(bad: number, of: number, there: number, others: number): number {
  const drawn = bad + there;
  let sum = 0;
  for (let k = bad; k <= Math.min(drawn, of); k++)
    sum += Math.exp(logChoose(of, k) + logChoose(others, drawn - k) - logChoose(of + others, drawn));
  return sum;
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return -Infinity;
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
