/**
 * What a move of width, batch size, linger or cache does to the objective. Every draw of the pool law
 * (pool-law.ts) gives a gain, the settings that were measured correct it, and the spread that remains
 * is the interval.
 *
 * The draws are an ensemble: their covariance between two settings, plus a Brownian error of the
 * law itself (residual.ts), is the prior of a Gaussian process which the measured points condition.
 * @see Evensen 2003, "The ensemble Kalman filter", §3 (covariance from an ensemble)
 */

import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { mean } from '../trial/statistics.ts';
import { type Context, hasWorkers, numberAt } from './context.ts';
import type { LogGain } from './gain.ts';
import type { Point } from './points.ts';
import { cpuPerCallMs, gapMs, heldMs, type PoolLaw, type PoolPlace } from './pool-law.ts';
import { collectedIn, waitFactor } from './queueing.ts';
import { conditionOn, type Place } from './residual.ts';

export interface PoolMove {
  readonly width?: number;
  readonly batchSize?: number;
  /** The fill to assume, where it is not the one expected of `batchSize`. */
  readonly fill?: number;
  readonly savedMs?: number;
}

/** Standard deviation of the law's own error after one octave of batch size and of width. */
const octaveSd = [0.09, 0.12] as const;
/** Standard deviation of the law's error that remains however small the move is. */
const floorSd = 0.015;

/** The function from a move away from the setting in force to its log gain. Needs `context.laws`. */
export function poolGains(context: Context): (move: PoolMove) => LogGain {
  const checked = context.near.map((point) => {
    const visited = moveTo(context, point);
    return {
      place: placeOf(context, visited),
      draws: drawsOf(context, visited),
      value: point.score - context.now.score,
      noiseSd: Math.hypot(point.scoreSd, context.now.scoreSd),
    };
  });
  const posterior = conditionOn(checked, octaveSd);
  const judged = context.seen.goal.guardrails.some((guardrail) => guardrail.kind === 'absolute');
  return (move) => {
    const draws = drawsOf(context, move);
    const { mean: expected, sd } = posterior({ place: placeOf(context, move), draws });
    const corrected = Math.max(0, expected - mean(draws));
    const lucky = [...draws].sort((a, b) => a - b)[Math.floor(0.9 * draws.length)] as number;
    return {
      mean: expected,
      sd: Math.hypot(sd, floorSd),
      most: lucky + corrected,
      ...(judged && { slower: slowerBy(context, move) }),
    };
  };
}

/** The fill to expect of a batch size, from the fill at the setting in force. */
export function fillAt({ now, near, seen, knob }: Context, width: number, batchSize: number): number {
  const asked = numberAt(now.settings, 'batchSize') ?? 1;
  const visited = near.find((point) => point.width === width && numberAt(point.settings, 'batchSize') === batchSize);
  if (visited) return visited.fill;
  if (batchSize <= now.fill) return batchSize;
  // Batches that do not fill at today's size would not fill at a larger one either.
  if (asked > 1 && now.fill < 0.8 * asked) return now.fill;
  if (seen.load === 'closed' || now.pressure > 1.02) return batchSize;
  const linger = numberAt(now.settings, knob('batchLingerMs')?.id ?? 'batchLingerMs') ?? 0;
  return Math.min(batchSize, Math.max(now.fill, 1 + now.okPerMs * linger, collectedIn(loadOf(now) / width)));
}

/** Batches at work at a time, on average. The one thread of a function is busy with any number of them. */
function loadOf(now: Point): number {
  return hasWorkers(now) ? now.busyFraction * now.width : now.okPerMs * now.elapsedMs;
}

function moveTo({ widthKnob, batchKnob, allAtOnce, now }: Context, point: Point): PoolMove {
  // Where all run at once, their number is no setting.
  const width = allAtOnce ? now.width : numberAt(point.settings, widthKnob?.id);
  const batchSize = numberAt(point.settings, batchKnob?.id ?? 'batchSize');
  return { fill: point.fill, width: width ?? point.width, ...(batchSize !== undefined && { batchSize }) };
}

function placeOf({ now }: Context, move: PoolMove): Place {
  const asked = numberAt(now.settings, 'batchSize') ?? 1;
  return [Math.log2((move.batchSize ?? asked) / asked), Math.log2((move.width ?? now.width) / now.width)];
}

function drawsOf(context: Context, move: PoolMove): readonly number[] {
  const { here, there } = spanOf(context, move);
  return context.laws.map((law) => logGainUnder(context, law, here, there));
}

/**
 * The gain where calls travel one by one and at other costs, at the width in force. Needs `context.laws`.
 * @param lawThere what a law becomes there, of each draw
 */
export function gainUnderOther(context: Context, lawThere: (law: PoolLaw, draw: number) => PoolLaw): LogGain {
  const { here, there } = spanOf(context, { fill: 1, batchSize: 1 });
  const laws = context.laws.map((law, draw) => [law, lawThere(law, draw)] as const);
  const draws = laws.map(([law, then]) => logGainUnder(context, law, here, there, then));
  const slower = laws.map(([law, then]) => -Math.log(shorterBy(context, law, here, there, then)));
  const expected = mean(draws);
  const sd = Math.sqrt(mean(draws.map((draw) => (draw - expected) ** 2)));
  return { mean: expected, sd: Math.hypot(sd, floorSd), slower: mean(slower) };
}

/** Mean over the draws of log(latency there / latency here). */
function slowerBy(context: Context, move: PoolMove): number {
  const { here, there } = spanOf(context, move);
  return mean(context.laws.map((law) => -Math.log(shorterBy(context, law, here, there))));
}

function spanOf(context: Context, move: PoolMove): { readonly here: PoolPlace; readonly there: PoolPlace } {
  const { now } = context;
  const width = move.width ?? now.width;
  const fill = move.fill ?? (move.batchSize === undefined ? now.fill : fillAt(context, width, move.batchSize));
  const asked = numberAt(now.settings, 'batchSize') ?? 1;
  return {
    here: { width: now.width, fill: now.fill, batchSize: asked },
    there: { width, fill, batchSize: move.batchSize ?? Math.max(asked, fill), savedMs: move.savedMs ?? 0 },
  };
}

/** @param then the law that holds there, where it is another one */
function logGainUnder(context: Context, law: PoolLaw, here: PoolPlace, there: PoolPlace, then = law): number {
  const { now, seen, saturated } = context;
  const { objective } = seen.goal;
  if (objective.metric === 'cpu') return Math.log(cpuPerCallMs(law, here) / cpuPerCallMs(then, there));
  const shorter = shorterBy(context, law, here, there, then);
  if (objective.metric === 'mean') return Math.log(shorter);
  const faster = gapMs(law, here) / gapMs(then, there);
  // An executor never completes more calls than are offered.
  const done = seen.load === 'closed' ? faster : Math.min(faster, saturated ? Math.max(1, now.pressure) : 1);
  if (objective.metric === 'throughput') return Math.log(done);
  const within = countAtOrBelow(context.nowLatency, objective.sloMs);
  const withinThen = countAtOrBelow(context.nowLatency, objective.sloMs * shorter);
  return Math.log(done) + Math.log((withinThen + 1) / (within + 1));
}

/** Latency here over latency there. In a saturated pool latency falls as throughput rises (Little's law). */
function shorterBy(
  { now, seen, saturated }: Context,
  law: PoolLaw,
  here: PoolPlace,
  there: PoolPlace,
  then = law,
): number {
  if (seen.load === 'closed' || saturated) return gapMs(law, here) / gapMs(then, there);
  return openLatencyRatio(now, law, here, there, then);
}

/** In services of a worker. */
const leastWait = 1e-3;

/**
 * Mean latency here over mean latency there, for an open loop below saturation. A call waits if it finds all
 * workers busy; calls that wait go out together, as many as a batch takes, and their answers come together.
 */
function openLatencyRatio(now: Point, law: PoolLaw, here: PoolPlace, there: PoolPlace, then: PoolLaw): number {
  const load = Math.min(loadOf(now), 0.98 * here.width);
  const lawAt = (place: PoolPlace) => (place === there ? then : law);
  const loadAt = (place: PoolPlace, fill: number) =>
    load * Math.max(0.05, heldMs(lawAt(place), { ...place, fill }) / heldMs(law, here));
  const carried = (place: PoolPlace, fill: number) => Math.min(loadAt(place, fill), 0.999 * place.width);
  // Where hardly any call finds all workers busy, calls wait for something else, which no width changes.
  const waitAt = (place: PoolPlace) =>
    Math.max(
      leastWait,
      waitFactor(place.width, carried(place, place.fill), carried(place, Math.max(place.fill, place.batchSize ?? 1))),
    );
  const batchMs = (place: PoolPlace) => place.fill * heldMs(lawAt(place), { fill: place.fill });
  const servedMs = Math.max(0, now.latencyMs - now.waitMs) * (batchMs(there) / batchMs(here));
  const savedMs = Math.min(0.95 * servedMs, there.savedMs ?? 0);
  return now.latencyMs / Math.max(1e-9, servedMs - savedMs + now.waitMs * (waitAt(there) / waitAt(here)));
}
