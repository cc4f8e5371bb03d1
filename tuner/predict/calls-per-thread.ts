/**
 * The model of the calls that a thread has at once: while one waits for what it asked of others, the thread runs the
 * next. It does for work that waits what more threads do, without their memory.
 *
 *   CPU c and own waiting w of a call ── 1 + w/c calls keep a thread busy ──▶ gain, up to CPUs and main thread
 *
 * A thread with n calls is held for about max(c, (c + w)/n) a call. Windows tell c, and the share of the time for which
 * a thread had calls and ran none: where threads tell that they waited for others, that share is w, at any n. Where
 * they do not, it may be that they were given no CPU: then the interval of the gain spans both, which a trial tells
 * apart as soon as a probe would, for what starves has no CPU to gain either. Calls that hold their threads for the way
 * there and back are left to the search, for nobody knows what they would gain.
 * @see Denning and Buzen 1978, "The operational analysis of queueing network models", §5 (bounds)
 */
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { type Context, isOpen, numberAt, waitingForOthers } from './context.ts';
import { combined, gainInterval, type LogGain } from './gain.ts';
import { doublingLadder } from './ladder.ts';
import { measuredGain } from './measured.ts';
import { countedInWords, inWords, isWorth, nearBest, propose, type View } from './model.ts';
import type { Point } from './points.ts';
import { waitFactor } from './queueing.ts';
import { isCpuBound, isCrossing, isHostBound } from './worker-use.ts';

const id = 'callsPerThread';
/** Standard deviation (log) of the bounds' error, however small the step, and after an octave. */
const lawSd = { floor: 0.03, octave: 0.05 } as const;
/** Below this share of busy time, calls do not wait for threads. */
const busyEnough = 0.6;

/** A thread's times, ms a call. */
interface Held {
  readonly cpuMs: number;
  /** Own waiting of a call. */
  readonly waitMs: number;
}

export function callsPerThreadModel(context: Context): View | null {
  const { now, seen } = context;
  const knob = context.knob(id);
  const calls = numberAt(now.settings, id);
  if (!knob || calls === undefined || isCrossing(now) || !(now.workerMs > 0)) return null;
  const { least, most } = heldBounds(now, calls);
  const useful = (held: Held) => 1 + held.waitMs / held.cpuMs;
  const isTold = most.waitMs - least.waitMs < 0.1 * (most.waitMs + most.cpuMs);
  const facts = isTold
    ? `a call waits ${inWords(most.waitMs)} ms for its own work and runs for ${inWords(most.cpuMs)} ms, so that about ${countedInWords(useful(most), 'call')} keep a thread busy`
    : `a call runs for ${inWords(most.cpuMs)} ms, and whether a thread then waits for the call's own work or for a CPU cannot be told apart here, so that between ${inWords(useful(least))} and ${countedInWords(useful(most), 'call')} keep it busy`;
  const base = { model: 'calls-per-thread', knobs: [id], identifiable: isTold, curve: [] };
  if (!isLimited(context)) return { ...base, reason: `${facts}; calls do not wait for threads` };
  if (isCpuBound(now) || isHostBound(now)) return { ...base, reason: `${facts}, but there is no CPU left to run more` };
  const steps = doublingLadder(knob, calls)
    .filter((to) => to !== calls)
    .map((to) => ({ to, gain: combined(gainOf(context, calls, to, [least, most]), measuredGain(context, id, to)) }));
  const view = {
    ...base,
    reason: facts,
    curve: steps.map(({ to, gain }) => ({ value: to, gain: gainInterval(gain) })),
  };
  const open = steps.filter(({ to }) => to > calls && isOpen(context, { ...seen.current, [id]: to }));
  const top = Math.max(...open.map(({ gain }) => gain.mean));
  const best = open.find(({ gain }) => gain.mean >= top - nearBest);
  if (best && isWorth(context, best.gain))
    return { ...view, proposal: propose(context, 'calls-per-thread', { [id]: best.to }, best.gain, facts) };
  return view;
}

/** What a call may wait for by itself, at least and at most: the same where the threads tell. */
function heldBounds(now: Point, calls: number): { readonly least: Held; readonly most: Held } {
  const cpuMs = now.workerMs;
  // Of n calls that wait at once a thread idles for an n-th of the time.
  const waitOf = (idleMs: number) => ({ cpuMs, waitMs: Math.max(0, calls * (cpuMs + idleMs) - cpuMs) });
  if (!Number.isNaN(now.ownWaitMs)) return { least: waitOf(now.ownWaitMs), most: waitOf(now.ownWaitMs) };
  const idleMs = Math.max(0, now.elapsedMs - cpuMs);
  return { least: waitOf(idleMs * (1 - waitingForOthers(now))), most: waitOf(idleMs) };
}

/** Threads have calls nearly always, or calls of an open load wait for them. */
function isLimited({ now, seen }: Context): boolean {
  return seen.load === 'closed' || now.pressure > 1.02
    ? now.busyFraction >= busyEnough
    : now.waitMs > 0.05 * now.latencyMs;
}

/** The gain between what the least and the most of own waiting would make of it. */
function gainOf(context: Context, from: number, to: number, bounds: readonly [Held, Held]): LogGain {
  const [low, high] = bounds.map((held) => logGain(context, held, from, to)) as [Effect, Effect];
  const octaves = Math.abs(Math.log2(to / from));
  return {
    mean: (low.gain + high.gain) / 2,
    sd: Math.hypot(lawSd.floor, lawSd.octave * Math.sqrt(octaves), (high.gain - low.gain) / 2),
    slower: (low.slower + high.slower) / 2,
  };
}

interface Effect {
  readonly gain: number;
  /** log(latency there / latency here) */
  readonly slower: number;
}

function logGain(context: Context, held: Held, from: number, to: number): Effect {
  const { now, seen, saturated, nowLatency } = context;
  const { objective } = seen.goal;
  if (objective.metric === 'cpu') return { gain: 0, slower: 0 };
  const faster = gapMs(now, held, from) / gapMs(now, held, to);
  const isFull = seen.load === 'closed' || saturated;
  const shorter = isFull ? faster : latencyMs(now, held, from) / latencyMs(now, held, to);
  const slower = -Math.log(shorter);
  if (objective.metric === 'mean') return { gain: -slower, slower };
  const done = seen.load === 'closed' ? faster : Math.min(faster, saturated ? Math.max(1, now.pressure) : 1);
  if (objective.metric === 'throughput') return { gain: Math.log(done), slower };
  const within = countAtOrBelow(nowLatency, objective.sloMs);
  const then = countAtOrBelow(nowLatency, objective.sloMs * shorter);
  return { gain: Math.log(done) + Math.log((then + 1) / (within + 1)), slower };
}

/** Milliseconds between completions when calls wait for the pool: the longest of what each resource takes. */
function gapMs(now: Point, { cpuMs, waitMs }: Held, calls: number): number {
  const atOnce = Math.max(1, Math.min(calls, now.inFlight / now.width));
  const thread = ((cpuMs + waitMs) / atOnce / now.width) as number;
  return norm([thread, cpuMs / now.width, (cpuMs + now.hostMs) / now.cores, now.hostMs]);
}

/** Of an open load below saturation: a call's work, which others in its thread delay, and its wait for a place. */
function latencyMs(now: Point, { cpuMs, waitMs }: Held, calls: number): number {
  const used = Math.min(0.95, (now.okPerMs * cpuMs) / now.width);
  const shared = 1 + (((calls - 1) / calls) * used) / (1 - used);
  const servedMs = waitMs + cpuMs * shared;
  const places = now.width * calls;
  return servedMs * (1 + waitFactor(places, Math.min(now.okPerMs * servedMs, 0.99 * places)));
}

/** The eighth-power norm, as of the pool law: of two bounds that are equal, both slow down. */
function norm(bounds: readonly number[]): number {
  const top = Math.max(...bounds);
  return top * bounds.reduce((sum, one) => sum + (one / top) ** 8, 0) ** (1 / 8);
}
