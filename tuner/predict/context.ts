/**
 * What every model starts from: one point a setting, the point of the setting in force, and draws of
 * the pool law (pool-law.ts) that agree with these points.
 *
 *   Seen ── points ──▶ now + near ── amortised costs ──▶ PoolLaw[] (even draws of the unknown)
 */
import type { Distribution, KnobSpec, Seen, Settings, SettingValue } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { countAtOrBelow, mergeDistributions } from '../../src/measure/distribution.ts';
import { hasEffect } from '../entries/acting.ts';
import { changes, sameSettings } from '../entries/settings.ts';
import { isPerArrival } from '../trial/arrivals.ts';
import { hasRoom, roomFor, type ThreadRoom } from '../trial/memory-limit.ts';
import {
  type Amortised,
  aroundPrior,
  dispatchPrior,
  fitAmortised,
  type RatioPrior,
  unknownPrior,
} from './amortised.ts';
import { evenDraws } from './draws.ts';
import { type Point, widthKnobs, windowPoints } from './points.ts';
import type { PoolLaw } from './pool-law.ts';
import { smoothed } from './saturating.ts';

export interface Context {
  readonly seen: Seen;
  readonly points: readonly Point[];
  /** The point at the setting in force. */
  readonly now: Point;
  readonly nowLatency: Distribution;
  /** Points that differ from `now` in nothing but width and batch size; `now` is not among them. */
  readonly near: readonly Point[];
  readonly knob: (id: string) => KnobSpec | undefined;
  readonly widthKnob: KnobSpec | undefined;
  readonly batchKnob: KnobSpec | undefined;
  /** Draws of the pool law, equally likely. Empty where no work was counted. */
  readonly laws: readonly PoolLaw[];
  /** Costs, each split into a part a call and a part a batch. */
  readonly costs: { readonly host: Amortised; readonly around: Amortised; readonly wake: Amortised };
  /** A function that is called with all calls in flight at once: neither it nor its host keeps any of them waiting. */
  readonly allAtOnce: boolean;
  /** The executor completes all it can: more arrivals would not bring more completions. */
  readonly saturated: boolean;
  /** The largest log gain there can be: an open load completes no more than arrives. */
  readonly headroom: number;
  /** The threads that fit below a limit of memory; null: there is none, or nobody can tell. */
  readonly room: ThreadRoom | null;
}

/** What the setting in force must have shown before a model predicts anything. */
const enough = { windows: 3, calls: 50 } as const;
const drawCount = 96;

/** The context, or in words what is missing for one. */
export function contextOf(seen: Seen): Context | string {
  const here = seen.windows.filter(({ settings }) => sameSettings(settings, seen.current));
  const byArrival = isPerArrival(seen.goal.objective, seen.load, here);
  const points = windowPoints(seen.windows, seen.goal, seen.cores, byArrival);
  const now = points.find((point) => sameSettings(point.settings, seen.current));
  const calls = now?.windows.reduce((sum, window) => sum + window.outcomes.ok, 0) ?? 0;
  if (!now || now.windows.length < enough.windows || calls < enough.calls) {
    return `${now?.windows.length ?? 0} windows with ${calls} calls at the setting in force; needed ${enough.windows} with ${enough.calls}`;
  }
  const acting = seen.knobs.filter((one) => hasEffect(one, seen.current));
  const knob = (id: string) => acting.find((one) => one.id === id);
  const widthKnob = widthKnobs.map(knob).find((one) => one !== undefined);
  const batchKnob = knob('batchSize');
  const free = new Set<string>([...widthKnobs, 'batchSize']);
  const measured = points.filter((point) => point !== now && differsOnlyIn(free, point.settings, now.settings));
  const near = smoothed(now, measured, [...free]);
  const costs = costsOf(now, near);
  const allAtOnce = !widthKnob && isAllAtOnce(now);
  const nowLatency = mergeDistributions(now.windows.map((window) => window.latency));
  return {
    seen,
    points,
    now,
    nowLatency,
    near,
    knob,
    widthKnob,
    batchKnob,
    laws: now.elapsedMs > 0 && now.okPerMs > 0 ? lawsOf(now, costs, allAtOnce ? near : null) : [],
    costs,
    allAtOnce,
    saturated: seen.load === 'closed' || now.pressure > 1.02 || isAlwaysBusy(now),
    headroom: headroomOf(seen, now, nowLatency),
    room: roomFor(seen.goal.guardrails, seen.windows, seen.current, seen.visits),
  };
}

/** Nearly all calls in flight are with the function, and wait there for something else than this process. */
function isAllAtOnce(now: Point): boolean {
  return !hasWorkers(now) && now.width * now.fill >= 0.8 * now.inFlight && now.workerMs < 0.5 * now.elapsedMs;
}

/** Workers that always have a batch, and a full one: who works on a batch of those that came meanwhile could take more. */
function isAlwaysBusy({ busyFraction, fill, settings }: Point): boolean {
  return busyFraction > 0.97 && fill >= 0.8 * (numberAt(settings, 'batchSize') ?? 1);
}

function headroomOf({ load, goal }: Seen, now: Point, latency: Distribution): number {
  const { objective } = goal;
  if (load === 'closed' || objective.direction === 'minimize') return Infinity;
  const arriving = Math.log(Math.max(1, now.pressure));
  if (objective.metric === 'throughput') return arriving;
  return arriving + Math.log((latency.count + 1) / (countAtOrBelow(latency, objective.sloMs) + 1));
}

/**
 * True of an executor that tells nothing of the way of its calls, as one of somebody else may: then no law of ours says
 * anything of its knobs, whatever their names, and they are searched like those that no model knows.
 */
export function isUntold({ laws }: Context): boolean {
  return laws.length === 0;
}

/** The value of a numeric knob; undefined where there is no such knob. */
export function numberAt(settings: Settings, id: string | undefined): number | undefined {
  const value: SettingValue | undefined = id === undefined ? undefined : valueIn(settings, id);
  return typeof value === 'number' ? value : undefined;
}

/**
 * True for a setting that may be proposed or probed: it is not in force, not ruled out, needs no restart, and takes no
 * more memory than may be had.
 */
export function isOpen({ seen, room }: Context, settings: Settings): boolean {
  if (sameSettings(settings, seen.current) || !hasRoom(room, seen.current, settings)) return false;
  if (seen.ruledOut.some((one) => sameSettings({ ...seen.current, ...one }, settings))) return false;
  if (seen.harmful?.some((one) => isAsFar(one, settings))) return false;
  return !needsRestart(seen, settings);
}

/** All that was changed where harm was met is changed in `settings` too, the same way and as far, whatever is in force by now. */
export function isAsFar(
  { from: before, settings: harmful }: NonNullable<Seen['harmful']>[number],
  settings: Settings,
): boolean {
  const moved = changes(before, { ...before, ...harmful });
  return (
    moved.length > 0 &&
    moved.every(([id, from, to]) => {
      const there = valueIn(settings, id);
      if (typeof from !== 'number' || typeof to !== 'number' || typeof there !== 'number') return there === to;
      return (there - from) / (to - from) >= 1;
    })
  );
}

export function needsRestart(seen: Pick<Seen, 'knobs' | 'current'>, settings: Settings): boolean {
  return seen.knobs.some((knob) => {
    const [from, to] = [valueIn(seen.current, knob.id), valueIn(settings, knob.id)];
    if (from === to) return false;
    return knob.moves[Number(to) < Number(from) ? 'down' : 'up'] === 'restart';
  });
}

/** True where worker threads do the work, so that their CPU is counted apart from the main thread's. */
export function hasWorkers(now: Point): boolean {
  return now.hostMs > 0;
}

function differsOnlyIn(free: ReadonlySet<string>, a: Settings, b: Settings): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (id) => free.has(id) || valueIn(a, id) === valueIn(b, id),
  );
}

/**
 * The parts of a call's time at `point`, ms: CPU in the guest, CPU around the guest, waiting in the
 * guest, waking the worker. While some CPU idles, the guest's elapsed time is its CPU time. Once all
 * CPUs are busy, its elapsed time also holds waiting for a CPU, and the guest's share of the worker's
 * CPU is the better estimate.
 */
function partsOf(point: Point, executeMs: number) {
  const byShare = point.elapsedMs > 0 ? point.workerMs * Math.min(1, executeMs / point.elapsedMs) : 0;
  const byTime = Math.min(executeMs, point.workerMs);
  const crowded = crowding(point);
  const guest = hasWorkers(point) ? crowded * Math.min(byShare, byTime) + (1 - crowded) * byTime : 0;
  const tellsApart = hasWorkers(point) && !Number.isNaN(point.ownWaitMs);
  const guestWait = tellsApart ? point.ownWaitMs : hasWorkers(point) ? Math.max(0, executeMs - guest) : 0;
  return {
    guest,
    around: point.workerMs - guest,
    guestWait,
    wake: Math.max(0, point.elapsedMs - point.workerMs - guestWait),
  };
}

/** How far calls wait for a CPU: 0 while CPUs idle, 1 when all of them are busy. */
function crowding({ cpuFraction }: Point): number {
  return busyRamp(cpuFraction);
}

/**
 * The share of a worker's elapsed time without CPU in which it may be waiting for a CPU, or for the
 * main thread to take its answer. 0: the worker's own work makes it wait; 1: none of it need be so.
 */
export function waitingForOthers(point: Point): number {
  return Math.max(crowding(point), busyRamp(point.hostFraction));
}

/** Waiting for a resource begins when it is busy 60 % of the time, and is the rule from 90 % on. */
function busyRamp(fraction: number): number {
  return Math.min(1, Math.max(0, (fraction - 0.6) / 0.3));
}

function costsOf(now: Point, near: readonly Point[]): Context['costs'] {
  const workers = hasWorkers(now);
  const others = near.map((point) => ({ fill: point.fill, ...partsOf(point, now.executeMs), host: point.hostMs }));
  const mine = { fill: now.fill, ...partsOf(now, now.executeMs), host: now.hostMs };
  const fit = (part: 'host' | 'around' | 'wake', prior: RatioPrior, scale: number) =>
    fitAmortised(
      { fill: mine.fill, cost: mine[part] },
      others.map((other) => ({ fill: other.fill, cost: other[part] })),
      workers ? prior : unknownPrior,
      scale,
    );
  // Waking a worker also holds its waiting for a CPU, which has nothing to do with the batch, so its
  // cost is given more noise than the others.
  return {
    host: fit('host', dispatchPrior, 0.06),
    around: fit('around', aroundPrior, 0.1),
    wake: fit('wake', dispatchPrior, 0.5),
  };
}

/** Of two functions that wait for others one waits in their queue, as far as anybody knows. */
const othersLimit = 0.5;

/** @param near of a function that is called with all calls at once: what others can do in a time, by the settings seen */
function lawsOf(now: Point, costs: Context['costs'], near: readonly Point[] | null): readonly PoolLaw[] {
  const parts = partsOf(now, now.executeMs);
  // Most of the waiting for a CPU or the main thread would go away with the load. The rest is the worker's own.
  const forOthers = waitingForOthers(now);
  // Waiting that the workers tell of is their own.
  const forCpu = Number.isNaN(now.ownWaitMs) ? crowding(now) : 0;
  const betweenMs = ({ fill, okPerMs }: Point) => ({ fill, cost: 1 / okPerMs });
  const others = near && fitAmortised(betweenMs(now), near.map(betweenMs), unknownPrior, 0.1);
  return evenDraws(drawCount, others ? 8 : 6).map((draw) => {
    const [host = 0, around = 0, wake = 0, ownWaiting = 0, starvation = 0, all = 0, limits = 0, shared = 0] = draw;
    // A pool rarely keeps its CPUs busy with exactly as many workers as their own waiting needs, so
    // most draws let nearly all of the waiting go away.
    const goesAway = 1 - ownWaiting ** 5;
    return {
      fillNow: now.fill,
      hostMs: now.hostMs,
      hostRatio: costs.host.ratioAt(host),
      guestMs: parts.guest,
      aroundMs: parts.around,
      aroundRatio: costs.around.ratioAt(around),
      guestWaitMs: parts.guestWait * (1 - forCpu * goesAway),
      wakeMs: parts.wake * (1 - forOthers * goesAway),
      wakeRatio: costs.wake.ratioAt(wake),
      // The exponent lies between 0 (the main thread or the CPUs are the limit anyway) and 3; small ones are likelier.
      starvation: 3 * starvation ** 2,
      starvesAll: all < 0.4,
      cores: now.cores,
      inFlight: Math.max(1, now.inFlight),
      ...(others && {
        others: { ms: limits < othersLimit ? 1 / now.okPerMs : 0, ratio: others.ratioAt(shared) },
      }),
    };
  });
}
