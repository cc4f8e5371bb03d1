/**
 * Threads: how many workers the CPUs and the main thread can use.
 *
 * From one setting: operational bounds (pool-law.ts); CPUs × (1 + wait/CPU) workers keep all CPUs
 * busy. Identified by the scalability law once windows at three widths spanning × 2 were seen.
 * More threads are never proposed where CPUs are busy already or workers idle; fewer are proposed
 * as 'threads-cheaper' where nothing is expected to be lost.
 */
import { tuneDefaults } from '../options.ts';
import { type Context, isOpen, numberAt, waitingForOthers } from './context.ts';
import { gainInterval, type LogGain, normalCdf } from './gain.ts';
import { fineLadder } from './ladder.ts';
import { inTrustRegion, inWords, isWorth, nearBest, propose, upsideOf, type View } from './model.ts';
import { poolGains } from './pool-gain.ts';
import { fitUsl, type UslFit } from './usl.ts';

interface Step {
  readonly width: number;
  readonly gain: LogGain;
}

/** Above this share of all CPUs, more threads only share them out. */
const cpuBound = 0.85;
/** Above this share of one CPU, the main thread is what workers wait for. */
const hostBound = 0.8;
/** Below this, workers are not what calls wait for. */
const busyEnough = 0.6;
/** A loss expected to be smaller than half the default `revertAt` is called none. */
const noLoss = tuneDefaults.revertAt / 2;

export function threadsModel(context: Context): View | null {
  const knob = context.knob('threads');
  const width = numberAt(context.now.settings, 'threads');
  if (!knob || width === undefined) return null;
  const base = { model: 'threads', knobs: ['threads'], identifiable: false, curve: [] };
  if (context.laws.length === 0)
    return { ...base, because: 'no batch came back in the windows at the setting in force' };
  const usl = scalability(context);
  const gainOf = poolGains(context);
  const gainAt = (to: number) => narrower(gainOf({ width: to }), usl?.gain(width, to));
  const steps = fineLadder(knob, width).map((to) => ({
    width: to,
    gain: to === width ? { mean: 0, sd: 0 } : gainAt(to),
  }));
  const because = sentence(context, usl);
  const view = {
    ...base,
    identifiable: usl !== null,
    because,
    curve: steps.map((step) => ({ value: step.width, gain: gainInterval(step.gain) })),
  };
  const open = steps.filter(
    (step) => mayUse(context, step.width) && isOpen(context, { ...context.seen.current, threads: step.width }),
  );
  const found = { ...cheaperOf(context, open, width, because) };
  const best = bestStep(open.filter((step) => inTrustRegion(width, step.width, step.gain)));
  if (best && isWorth(context, best.gain)) {
    return { ...view, ...found, proposal: propose(context, 'threads', { threads: best.width }, best.gain, because) };
  }
  const probe = usl ? undefined : probeFor(context, open, width);
  return { ...view, ...found, ...(probe && { probe }) };
}

/** More threads only where CPUs are left and the workers there are have no time left. */
export function mayUse({ now, seen }: Context, width: number): boolean {
  if (width <= now.width) return true;
  const crowded =
    seen.load === 'closed' || now.pressure > 1.02 ? now.busyFraction >= busyEnough : now.waitMs > 0.05 * now.latencyMs;
  return now.cpuFraction < cpuBound && now.hostFraction < hostBound && crowded;
}

/** CPUs × (1 + wait/CPU): workers that keep every CPU busy which the main thread leaves. */
function usefulWidth({ now }: Context): number {
  const cpus = Math.max(0.1, now.cores - Math.min(1, now.hostFraction));
  return cpus * (1 + waitPerCpu(now));
}

/** Waiting of a worker per unit of its CPU, without the waiting for a busy CPU or main thread. */
function waitPerCpu(now: Context['now']): number {
  const apart = now.workerMs > 0 ? Math.max(0, now.elapsedMs / now.workerMs - 1) : 0;
  return apart * (1 - waitingForOthers(now));
}

/** The smaller count whose expected loss is next to nothing. */
function cheaperOf(context: Context, open: readonly Step[], width: number, because: string): Pick<View, 'cheaper'> {
  const { knob } = context;
  if (knob('threads')?.cost !== 'per-unit') return {};
  const fewest = open.find(
    ({ width: to, gain }) =>
      to <= 0.9 * width && Math.expm1(gain.mean) > noLoss && normalCdf((gain.mean - Math.log1p(-0.05)) / gain.sd) > 0.6,
  );
  if (!fewest) return {};
  const words = `no loss expected from ${fewest.width} in place of ${width} threads: ${because}`;
  return { cheaper: propose(context, 'threads-cheaper', { threads: fewest.width }, fewest.gain, words) };
}

function bestStep(steps: readonly Step[]): Step | undefined {
  const top = Math.max(...steps.map((step) => step.gain.mean));
  return steps.find((step) => step.gain.mean >= top - nearBest);
}

/** More threads may pay, but how well the work scales is not known. */
function probeFor(context: Context, open: readonly Step[], width: number): View['probe'] {
  const { near, seen } = context;
  const visited = new Set(near.map((point) => point.width));
  const promising = open.find(
    (step) => step.width >= 2 * width && !visited.has(step.width) && upsideOf(context, step.gain) > 0,
  );
  if (!promising) return undefined;
  return {
    settings: { ...seen.current, threads: promising.width },
    learns: `how throughput scales with threads: only ${width} were seen`,
    upside: upsideOf(context, promising.gain),
  };
}

/** The scalability law over widths at today's batch size; null until three widths span × 2. */
function scalability({ now, near }: Context): UslFit | null {
  const alike = [now, ...near].filter((point) => point.settings['batchSize'] === now.settings['batchSize']);
  if (new Set(alike.map((point) => point.width)).size < 3) return null;
  return fitUsl(alike.map((point) => ({ width: point.width, score: point.score, sd: point.scoreSd })));
}

/** Two opinions from the same windows are not independent: the narrower one is taken, not their mean. */
function narrower(a: LogGain, b: LogGain | undefined): LogGain {
  return b && b.sd < a.sd ? { mean: b.mean, sd: Math.max(b.sd, 0.02) } : a;
}

function sentence(context: Context, usl: UslFit | null): string {
  const { now, seen } = context;
  const bounds = `workers are busy ${Math.round(100 * now.busyFraction)} %, ${inWords(now.cores)} CPUs ${now.cores < 0.95 * seen.cores ? `that others leave of ${inWords(seen.cores)} ` : ''}${Math.round(100 * now.cpuFraction)} %, the main thread ${Math.round(100 * now.hostFraction)} %; a worker waits ${inWords(waitPerCpu(now))} ms per ms of CPU, so about ${inWords(usefulWidth(context))} threads can be used`;
  return usl ? `${bounds}; scalability law: contention ${inWords(usl.sigma)}, coherency ${inWords(usl.kappa)}` : bounds;
}
