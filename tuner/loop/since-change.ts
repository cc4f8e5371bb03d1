/**
 * The first quarter of an hour of a setting that was just proven. A harm that takes minutes to build up has not shown
 * itself when a hold-back ends, and nothing that is compared pair by pair will ever show it; what it does show is a
 * level that sinks below that of before the change.
 *
 *   reference of the trial ─▶ before ─┐
 *   newest windows at rest ───────────┴─ sunkenNow ─▶ an audit of the default, and once that was decided against it
 *       ─▶ the default is left alone ── afterAlone ──▶ its level rises: what the setting cost wears off, and it is left
 *                                                  └─▶ it does not: what sank came from outside
 *
 * Trouble that is too rare for a hold-back (../trial/troubled.ts) is looked for in the same time, and told apart in the
 * same way: an audit, and where that was decided against the default, the default left alone. Failures are looked for as
 * long as the setting stays, whatever the load becomes: they may begin hours after the change, and move no level that a
 * shift would be seen by. They are compared with the newest that is known of the default.
 *
 * In that quarter of an hour one look is all that is allowed, since each costs up to four minutes at the default; later
 * ones are as far apart as audits that found nothing (shifts.ts). A session that begins at a setting kept by the one before
 * knows no level of before the change, and looks for nothing here: an audit after two hours compares it with the default.
 *
 * Simulated (the worlds of bench/tuner/guard-worlds.ts, commits that are kept ten minutes later, without this file │ with it):
 *
 *   8 % better, and a quarter worse with a time constant of 120 s     4 │ 1 of 16
 *   the same with one of 300 s                                       16 │ 2 of 16
 *   5 │ 10 % better, a drift of a tenth an hour, after 1,000 s       24 of 24 │ 24 of 24
 */
import type { Guardrail, Load, Settings, Window } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { SessionEntry } from '../entries/entries.ts';
import { configuredSettings, sameSettings } from '../entries/settings.ts';
import { candidateWindows } from '../predict/proven-under.ts';
import { loadOf, type Reference } from '../trial/design.ts';
import { goalNow } from '../trial/goal-now.ts';
import { backAbove, endedByItself, isRising, recoveryIn, sunkenBelow } from '../trial/level.ts';
import { inOrder } from '../trial/pairs.ts';
import { type Run, spanOf } from '../trial/run.ts';
import { loadChanged } from '../trial/stability.ts';
import { median } from '../trial/statistics.ts';
import { type RareTrouble, troubleSince, whoseTrouble } from '../trial/troubled.ts';

export interface LevelBefore {
  readonly windows: readonly Window[];
  /** As of the reference that they were. */
  readonly stoodIn?: boolean;
  readonly load: Load;
  /** Those that its trial has proven. */
  readonly guardrails: readonly Guardrail[];
  /** On the session's own clock. */
  readonly untilMs: number;
}

/** Of the state of a session. */
interface Facts {
  readonly session: SessionEntry;
  readonly current: Settings;
  readonly reference: Reference;
  readonly seen: readonly Window[];
  readonly audits: {
    readonly before: LevelBefore | null;
    readonly asked: string | null;
    readonly trouble: RareTrouble | null;
    readonly sunken: readonly Window[] | null;
  };
}

/** Windows measured after a commit before the next choice. */
const freshAfterCommit = 4;
const watchedMs = 900_000;
/** Windows of a rest, each ten times as long as those before the change: a minute of them. */
const recentWindows = 12;
/** Of a level that is known to sink. */
const newestWindows = 4;
/** Of those that had sunk: half of them. */
const lowWindows = recentWindows / 2;
const shortestMs = 4000;
/** So long the default is left alone at the most, and at the least where nothing comes back. */
const mostAloneMs = 240_000;
const fewestAloneMs = 120_000;
/** Windows of a stretch before which it says nothing. */
const fewestAlone = 14;

/** Of the trial whose setting is made the anchor. */
export function levelBefore(
  { session, reference }: Pick<Facts, 'session' | 'reference'>,
  guardrails: readonly Guardrail[],
  nowMs: number,
): LevelBefore {
  const { windows, stoodIn = false } = reference;
  return { windows, stoodIn, load: loadOf({ session, reference }), guardrails, untilMs: nowMs + watchedMs };
}

/**
 * Windows of the trial with which the next reference begins; a few fresh ones come after them. A queue came and went with
 * the arms: whether it goes now only windows in a row can tell.
 */
export function knownSince({ design, seen }: Run, baselineWindows: number): readonly Window[] {
  return design.overloaded ? [] : candidateWindows(seen).slice(-Math.max(1, baselineWindows - freshAfterCommit));
}

/** How long the setting before had been in force when its trial began; Infinity where the anchor has not moved before. Ms. */
export function stayedBefore({ lastMs }: { readonly lastMs: number }, run: Run, nowMs: number): number {
  const span = spanOf(run);
  return lastMs === 0 ? Infinity : nowMs - lastMs - (span ? span.endMs - span.startMs : 0);
}

/**
 * The guardrail that the setting in force does not keep since the change; null where there is none, or no change. Where
 * somebody is asked before each change nobody may leave the default alone, so that an audit would find nothing, again and again.
 */
export function troubledNow({ session, audits, current, seen }: Facts, nowMs: number): RareTrouble | null {
  const { before } = audits;
  if (before === null || audits.asked !== null || session.options.mode !== 'auto') return null;
  // Of the default itself there is nothing to be compared with it.
  if (sameSettings({ ...configuredSettings(session.knobs), ...session.options.fixed }, current)) return null;
  const recent = atRest(current, seen);
  if (nowMs < before.untilMs)
    return loadChanged(before.load, before.windows, recent)
      ? null
      : troubleSince(before.guardrails, before.windows, recent);
  const ofErrors = before.guardrails.filter(({ metric }) => metric === 'errors');
  return troubleSince(ofErrors, before.windows, recent, true);
}

/** What is compared with later: the level no more, and failures with those of the default as it was seen last. */
export function levelAfter(before: LevelBefore | null, nowMs: number, alone?: readonly Window[]): LevelBefore | null {
  if (before === null) return null;
  const windows = alone && alone.length > 0 ? alone : before.windows;
  return { ...before, windows, untilMs: Math.min(before.untilMs, nowMs) };
}

/** Windows of a rest, as long as each other, all that are kept. */
function atRest(current: Settings, seen: readonly Window[]): readonly Window[] {
  return seen.filter((one) => sameSettings(one.settings, current) && one.endMs - one.startMs >= shortestMs);
}

/** The newest windows of a rest: what the setting is where it stays. */
export function newestAtRest({ current, seen }: Pick<Facts, 'current' | 'seen'>): readonly Window[] {
  return atRest(current, seen).slice(-newestWindows);
}

/** Why the setting in force is to be compared with the default again, and the windows that say so; null where none do. */
export function sunkenNow(
  { session, audits, current, seen }: Facts,
  nowMs: number,
): { readonly says: string; readonly windows: readonly Window[] } | null {
  const { before } = audits;
  if (before === null || audits.asked !== null || nowMs >= before.untilMs) return null;
  const recent = atRest(current, seen).slice(-recentWindows);
  if (recent.length < recentWindows) return null;
  // By what the change was judged: what stands in for it may be another thing by now.
  const { objective } = goalNow({ session, reference: before });
  const facts = { objective, load: before.load, reference: before.windows };
  const sunken = sunkenBelow(facts, recent);
  if (sunken === null) return null;
  const says = `the level is ${percentText(Math.expm1(-sunken))} against that of before the change`;
  return { says, windows: recent };
}

/**
 * After each window on which the default was left alone.
 * @param windows all of them, oldest first
 * @param audit its trial, these windows included
 * @returns what the setting had cost, in words; null: nothing is seen to come back; or that it takes more windows
 */
export function afterAlone(
  { session, audits, reference }: Pick<Facts, 'session' | 'audits' | 'reference'>,
  windows: readonly Window[],
  audit: Pick<Run, 'seen' | 'between' | 'pairs'>,
): { readonly loss: string | null } | 'goes on' {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last || audits.before === null) return { loss: null };
  const spanMs = last.endMs - first.startMs;
  if (audits.trouble) return afterTrouble(audits.trouble, windows, spanMs);
  const { objective } = goalNow({ session, reference });
  const facts = { objective, load: audits.before.load, reference: reference.windows };
  const risen = windows.length < fewestAlone ? null : recoveryIn(facts, windows);
  const back = windows.length < fewestAlone ? null : backAbove(facts, audits.sunken ?? [], windows);
  if (
    risen === null ? back !== null && cameBackBefore(facts, audits.sunken ?? [], audit) : cameBackWithin(facts, windows)
  )
    return spanMs < fewestAloneMs ? 'goes on' : { loss: null };
  if (risen !== null)
    return {
      loss: `left alone, the default rose by ${percentText(Math.expm1(risen))} within ${Math.round(spanMs / 1000)} s: what the setting costs builds up while it stays`,
    };
  if (back !== null)
    return {
      loss: `left alone, the default is at ${percentText(Math.expm1(back))} against the setting where it stays: what that costs builds up within seconds`,
    };
  if (spanMs >= mostAloneMs || (spanMs >= fewestAloneMs && !isRising(facts, windows))) return { loss: null };
  return 'goes on';
}

/** The default rose by itself, while it was left alone. */
function cameBackWithin(facts: Parameters<typeof endedByItself>[0], windows: readonly Window[]): boolean {
  const after = windows.map((window) => ({ arm: 'candidate', window }) as const);
  return endedByItself(facts, windows.slice(0, newestWindows), { before: [], after, other: 'baseline' }, 0);
}

/** What was sunken came back by itself, before the audit switched anything or while it did. */
function cameBackBefore(
  facts: Parameters<typeof endedByItself>[0] & { readonly reference: readonly Window[] },
  sunken: readonly Window[],
  { seen, between, pairs }: Pick<Run, 'seen' | 'between' | 'pairs'>,
): boolean {
  const low = sunken.slice(-lowWindows);
  const change = {
    before: [...low, ...facts.reference],
    after: inOrder(seen, between),
    other: 'candidate',
  } as const;
  const d = median(
    pairs.map((one) => one.d),
    0,
  );
  return endedByItself(facts, low, change, d);
}

function afterTrouble(trouble: RareTrouble, windows: readonly Window[], spanMs: number): ReturnType<typeof afterAlone> {
  const isLast = spanMs >= mostAloneMs;
  const whose = whoseTrouble(trouble, windows, isLast);
  if (whose === 'setting')
    return { loss: `${trouble.says}; left alone for ${Math.round(spanMs / 1000)} s, the default kept it` };
  return whose === 'both' || isLast ? { loss: null } : 'goes on';
}
