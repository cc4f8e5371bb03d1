/**
 * Limits of the goal (`p99 < 50ms`), read in every window at the setting in force, trial or no trial: when one
 * breaks somebody is told, and again when it is kept. Windows are read as for a report (limits-now.ts), and nothing
 * is told that a report of the same moment would not say; when it is told, once each, is for twice-over.ts to say.
 *
 *   window ─ alarmAfter ─▶ { alarm, turned: limits that broke, or are kept again }
 *
 * Memory is held by the whole process, whatever setting a window is of: its limit is read in all of them, and is
 * broken by two in a row beyond it.
 */
import type { Guardrail, Settings, Window } from '../../src/contracts.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { sameSettings } from '../entries/settings.ts';
import { brokenNow, type Limit, newestEnough } from './limits-now.ts';
import { failuresOf, guardedValue, latencyOf, quantileOf } from './metric.ts';
import { type Allowance, type CallsBeyond, neverBroken, restarted, type Turning, turningAfter } from './twice-over.ts';

export interface LimitAlarm {
  /** In force in all of `newest`. */
  readonly settings: Settings;
  /** The windows that a report would read. */
  readonly newest: readonly Window[];
  /** Of each limit, by its text. */
  readonly limits: Readonly<Record<string, Turning>>;
}

export interface Turned {
  readonly limit: Limit;
  readonly is: 'broken' | 'kept';
  /** Of the metric over `calls`, those of the newest windows. */
  readonly value: number;
  readonly calls: number;
}

export const noAlarm: LimitAlarm = Object.freeze({ settings: {}, newest: [], limits: {} });

/** Share of a limit below which it is kept again. */
const kept = 0.9;
/** Of memory, which varies less and may settle just below. */
const keptMemory = 0.98;
/** Calls of a stretch: as many as leave six beyond the limit while it is just kept. */
const beyondEnough = 6;
/** Four fifths of a limit of errors are four fifths of the failures, which takes more of them to tell apart. */
const failuresEnough = 50;
const callsEnough = 250;

/** A window at another setting than the one in force, or in which a knob moved, is read for its memory alone. */
export function alarmAfter(
  before: LimitAlarm,
  guardrails: readonly Guardrail[],
  window: Window,
  inForce: Settings,
): { readonly alarm: LimitAlarm; readonly turned: readonly Turned[] } {
  const limits = guardrails.filter((one) => one.kind === 'absolute');
  const isInForce = window.steady && sameSettings(window.settings, inForce);
  if (limits.length === 0 || (!isInForce && !limits.some(isOfMemory))) return { alarm: before, turned: [] };
  const isSame = sameSettings(before.settings, inForce);
  const newest = isInForce ? newestEnough(limits, [...(isSame ? before.newest : []), window]) : before.newest;
  const turned: Turned[] = [];
  const after = limits.map((limit) => {
    const known = before.limits[limit.text] ?? neverBroken;
    if (isOfMemory(limit)) {
      const next = memoryAfter(known, limit, window);
      if (next.broken !== known.broken)
        turned.push({ limit, is: next.broken ? 'broken' : 'kept', value: window.rssBytes ?? Number.NaN, calls: 0 });
      return [limit.text, next] as const;
    }
    if (!isInForce) return [limit.text, known] as const;
    const turning = isSame ? known : restarted(known);
    const sums = sumsOf(limit, window);
    if (!sums) return [limit.text, turning] as const;
    const agrees = (broken: boolean) => brokenNow([limit], newest).length > 0 === broken;
    const next = turningAfter(turning, allowanceOf(limit), sums, agrees);
    const reading = next.broken === turning.broken ? null : guardedValue(limit.metric, newestEnough([limit], newest));
    if (reading)
      turned.push({ limit, is: next.broken ? 'broken' : 'kept', value: reading.value, calls: reading.count });
    return [limit.text, next] as const;
  });
  const settings = isInForce ? inForce : before.settings;
  return { alarm: { settings, newest, limits: Object.fromEntries(after) }, turned };
}

function isOfMemory({ metric }: Limit): boolean {
  return metric === 'rss';
}

/** A window is a stretch, and wholly beyond the limit or not at all. */
function memoryAfter(known: Turning, { limit }: Limit, { rssBytes, startMs, endMs }: Window): Turning {
  if (rssBytes === undefined) return known;
  const at = (bytes: number) => (rssBytes > bytes ? 1 : 0);
  const sums = { count: 1, beyond: at(limit), near: at(keptMemory * limit), spanMs: endMs - startMs };
  return turningAfter(known, { allowed: 0.5, enough: 1, counts: false }, sums, () => true);
}

function sumsOf({ metric, limit }: Limit, window: Window): CallsBeyond | null {
  const reading = guardedValue(metric, [window]);
  if (!reading) return null;
  const { count } = reading;
  const spanMs = window.endMs - window.startMs;
  if (metric === 'errors') {
    const { failed } = failuresOf([window]);
    return { count, beyond: failed, near: failed / kept, spanMs };
  }
  if (metric === 'mean' || metric === 'cpu' || metric === 'rss') {
    const beyond = (reading.value * count) / limit;
    return { count, beyond, near: beyond / kept, spanMs };
  }
  const latency = latencyOf([window]);
  const beyond = (ms: number) => latency.count - countAtOrBelow(latency, ms);
  return { count, beyond: beyond(limit), near: beyond(kept * limit), spanMs };
}

function allowanceOf({ metric, limit }: Limit): Allowance {
  if (metric === 'errors') return { allowed: limit, enough: failuresEnough / limit, counts: true };
  if (metric === 'mean' || metric === 'cpu' || metric === 'rss')
    return { allowed: 1, enough: callsEnough, counts: false };
  const allowed = 1 - quantileOf(metric);
  return { allowed, enough: Math.max(callsEnough, beyondEnough / allowed), counts: true };
}
