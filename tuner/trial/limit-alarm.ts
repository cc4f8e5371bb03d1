/**
 * Limits of the goal (`p99 < 50ms`), read after every window at the setting in force, trial or no trial: when
 * one breaks somebody is told, and again when it is kept.
 *
 *   window ─ alarmAfter ─▶ { alarm, turned: limits that broke, or are kept again }
 *
 * The report says of a limit what its newest calls are (limits-now.ts), for whoever asks. An alarm is for
 * somebody who has not asked: a limit has turned once two stretches of windows in a row say so, each with
 * calls enough. Where windows are long enough a stretch is one window, so that a limit which breaks is told
 * after two. Simulated over 17,280 windows of 600 or of 2,000 calls, exponential latencies at four fifths of the
 * limit of their p99 raised two alarms at most.
 */
import type { Settings, Window } from '../../src/contracts.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { sameSettings } from '../entries/settings.ts';
import { designEffect, type Exceeded, logFractionEvidence } from './exceedance.ts';
import type { Limit } from './limits-now.ts';
import { failuresOf, guardedValue, latencyOf, quantileOf } from './metric.ts';

export interface LimitAlarm {
  /** In force in all windows that were read. */
  readonly settings: Settings;
  /** Of each limit, by its text, the newest windows, oldest first. */
  readonly read: Readonly<Record<string, readonly Exceeded[]>>;
  /** Texts of the limits that are known to be broken. */
  readonly broken: readonly string[];
}

export interface Turned {
  readonly limit: Limit;
  readonly is: 'broken' | 'kept';
  /** Of the metric, in the newest window. */
  readonly value: number;
  /** Calls of both stretches, and their windows. */
  readonly calls: number;
  readonly windows: number;
}

export const noAlarm: LimitAlarm = Object.freeze({ settings: {}, read: {}, broken: [] });

/** Windows of one limit that are kept: where so many hold too few calls, nothing can be said of now. */
const mostWindows = 200;
/** Calls of a stretch from which on its share beyond the limit says enough: at four fifths of it one half of the chance is gone from each. */
const manyCalls = 250;
/** As many are expected beyond the limit while it is just kept. */
const manyBeyond = 6;
/** Failures come in clumps, and four fifths of a limit are four fifths of the failures. */
const manyFailures = 150;
/** Fewer calls say enough where chance would leave so many beyond the limit once in a thousand times. */
const clearEvidence = Math.log(1000);

/** A window at another setting than the one in force, or in which a knob moved, is not read. */
export function alarmAfter(
  before: LimitAlarm,
  limits: readonly Limit[],
  window: Window,
  inForce: Settings,
): { readonly alarm: LimitAlarm; readonly turned: readonly Turned[] } {
  if (limits.length === 0 || !window.steady || !sameSettings(window.settings, inForce))
    return { alarm: before, turned: [] };
  const known = sameSettings(before.settings, inForce) ? before.read : {};
  const read = Object.fromEntries(
    limits.map((limit) => [limit.text, [...(known[limit.text] ?? []), beyond(limit, window)].slice(-mostWindows)]),
  );
  const turned = limits.flatMap((limit) => {
    const said = saidOf(limit, read[limit.text] ?? []);
    const value = guardedValue(limit.metric, [window])?.value;
    if (!said || value === undefined || (said.is === 'broken') === before.broken.includes(limit.text)) return [];
    return [{ limit, value, ...said }];
  });
  const others = before.broken.filter((text) => turned.every(({ limit }) => limit.text !== text));
  const broken = [...others, ...turned.flatMap(({ limit, is }) => (is === 'broken' ? [limit.text] : []))];
  // What was before says nothing of how calls fail together since.
  const since = Object.fromEntries(
    turned.map(({ limit: { text }, windows }) => [text, read[text]?.slice(-windows) ?? []]),
  );
  return { alarm: { settings: inForce, read: { ...read, ...since }, broken }, turned };
}

/** Calls beyond the limit; of a mean, which has none, how far all of them together are: their sum over the limit. */
function beyond({ metric, limit }: Limit, window: Window): Exceeded {
  if (metric === 'errors') {
    const { failed, judged } = failuresOf([window]);
    return { exceeded: failed, count: judged };
  }
  if (metric === 'mean' || metric === 'cpu') {
    const { value = 0, count = 0 } = guardedValue(metric, [window]) ?? {};
    return { exceeded: (value * count) / limit, count };
  }
  const latency = latencyOf([window]);
  return { exceeded: latency.count - countAtOrBelow(latency, limit), count: latency.count };
}

/** What the newest stretch and the one before it say alike; null where they do not, or have too few calls. */
function saidOf(limit: Limit, read: readonly Exceeded[]): Pick<Turned, 'is' | 'calls' | 'windows'> | null {
  for (let length = 1; 2 * length <= read.length; length++) {
    const stretches = [read.slice(-2 * length, -length), read.slice(-length)];
    // The limit may have broken within the window before the stretches, which then is like none before it.
    const clump = limit.metric === 'errors' ? designEffect(read.slice(0, -2 * length - 1)) : 1;
    if (!stretches.every((one) => isEnough(limit, one, clump))) continue;
    const broken = stretches.filter((one) => isBroken(limit, one)).length;
    if (broken === 1) return null;
    const calls = stretches.flat().reduce((sum, { count }) => sum + count, 0);
    return { is: broken === 2 ? 'broken' : 'kept', calls, windows: 2 * length };
  }
  return null;
}

/** @param clump calls that count as one, since calls fail together: as many as did before */
function isEnough({ metric, limit }: Limit, stretch: readonly Exceeded[], clump: number): boolean {
  const sums = sumOf(stretch);
  const [exceeded, count] = [sums.exceeded / clump, sums.count / clump];
  if (metric === 'mean' || metric === 'cpu') return count >= manyCalls || (count >= 10 && exceeded > 2 * count);
  const allowed = allowedBeyond({ metric, limit });
  const many = metric === 'errors' ? manyFailures / allowed : Math.max(manyCalls, manyBeyond / allowed);
  return (
    count >= many ||
    (exceeded > allowed * count && logFractionEvidence([{ exceeded, count }], allowed) >= clearEvidence)
  );
}

function isBroken(limit: Limit, stretch: readonly Exceeded[]): boolean {
  const { exceeded, count } = sumOf(stretch);
  return exceeded > allowedBeyond(limit) * count;
}

/** The share of calls that may be beyond the limit; 1 of a mean, whose calls together may come up to it. */
function allowedBeyond({ metric, limit }: Pick<Limit, 'metric' | 'limit'>): number {
  if (metric === 'errors') return limit;
  return metric === 'mean' || metric === 'cpu' ? 1 : 1 - quantileOf(metric);
}

function sumOf(stretch: readonly Exceeded[]): Exceeded {
  return {
    exceeded: stretch.reduce((sum, one) => sum + one.exceeded, 0),
    count: stretch.reduce((sum, one) => sum + one.count, 0),
  };
}
