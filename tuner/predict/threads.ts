/**
 * The model of the number of threads: how many workers the CPUs and the main thread can use.
 *
 * Windows at one setting give operational bounds (pool-law.ts): CPUs × (1 + wait/CPU) workers keep
 * all CPUs busy. Once windows at three thread counts were seen, the largest at least twice the
 * smallest, the scalability law narrows the prediction.
 * The model never proposes more threads where the CPUs are busy already or workers idle. It proposes
 * fewer, as 'threads-cheaper', where it expects no loss.
 */
import { tuneDefaults } from '../options.ts';
import { roomText } from '../trial/memory-limit.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { gainInterval, type LogGain, normalCdf } from './gain.ts';
import { fineLadder } from './ladder.ts';
import {
  countedInWords,
  inTrustRegion,
  inWords,
  isLimitBroken,
  isWorth,
  nearBest,
  propose,
  shareInWords,
  upsideOf,
  type View,
} from './model.ts';
import { poolGains } from './pool-gain.ts';
import { fitUsl, type UslFit } from './usl.ts';
import { isCpuBound, isCrossing, isHostBound, usefulWidth, waitText, workersText } from './worker-use.ts';

interface Step {
  readonly width: number;
  readonly gain: LogGain;
}

/** Below this share of busy time, calls do not wait for workers. */
const busyEnough = 0.6;
/** An expected loss smaller than half the default `revertAt` counts as none. */
const noLoss = tuneDefaults.revertAt / 2;

export function threadsModel(context: Context): View | null {
  const knob = context.knob('threads');
  const width = numberAt(context.now.settings, 'threads');
  if (!knob || width === undefined) return null;
  const base = { model: 'threads', knobs: ['threads'], identifiable: false, curve: [] };
  const usl = scalability(context);
  const gainOf = poolGains(context);
  const gainAt = (to: number) => narrower(gainOf({ width: to }), usl?.gain(width, to));
  const steps = fineLadder(knob, width).map((to) => ({
    width: to,
    gain: to === width ? { mean: 0, sd: 0 } : gainAt(to),
  }));
  const { room } = context;
  const reason = room ? `${reasonOf(context, usl)}; ${roomText(room)}` : reasonOf(context, usl);
  const view = {
    ...base,
    identifiable: usl !== null,
    reason,
    curve: steps.map((step) => ({ value: step.width, gain: gainInterval(step.gain) })),
  };
  const open = steps.filter(
    (step) =>
      mayUse(context, step.width) &&
      mayCross(context, step.width) &&
      isOpen(context, { ...context.seen.current, threads: step.width }),
  );
  const found = { ...cheaperOf(context, open, width, reason) };
  const best = bestStep(open.filter((step) => inTrustRegion(width, step.width, step.gain)));
  if (best && isWorth(context, best.gain)) {
    return { ...view, ...found, proposal: propose(context, 'threads', { threads: best.width }, best.gain, reason) };
  }
  const probe = usl ? undefined : probeFor(context, open, width);
  return { ...view, ...found, ...(probe && { probe }) };
}

/** True for fewer threads, and for more of them only where CPUs idle and the present workers are busy. */
export function mayUse({ now, seen }: Context, width: number): boolean {
  if (width <= now.width) return true;
  const crowded =
    seen.load === 'closed' || now.pressure > 1.02 ? now.busyFraction >= busyEnough : now.waitMs > 0.05 * now.latencyMs;
  return !isCpuBound(now) && !isHostBound(now) && crowded;
}

/**
 * Calls that hold their workers for the crossing alone gain nothing by more workers than there are CPUs for
 * them: 5 threads in place of 2 ran 0.72 times as many of them on 2 CPUs.
 */
function mayCross({ now }: Context, width: number): boolean {
  return width <= Math.max(now.width, usefulWidth(now)) || !isCrossing(now);
}

/** A proposal of the fewest threads whose expected loss counts as none. */
function cheaperOf(context: Context, open: readonly Step[], width: number, reason: string): Pick<View, 'cheaper'> {
  const { knob } = context;
  if (knob('threads')?.cost !== 'per-unit' || isLimitBroken(context)) return {};
  const fewest = open.find(
    ({ width: to, gain }) =>
      to <= 0.9 * width && Math.expm1(gain.mean) > noLoss && normalCdf((gain.mean - Math.log1p(-0.05)) / gain.sd) > 0.6,
  );
  if (!fewest) return {};
  const words = `no loss expected from ${fewest.width} in place of ${width} threads: ${reason}`;
  return { cheaper: propose(context, 'threads-cheaper', { threads: fewest.width }, fewest.gain, words) };
}

function bestStep(steps: readonly Step[]): Step | undefined {
  const top = Math.max(...steps.map((step) => step.gain.mean));
  return steps.find((step) => step.gain.mean >= top - nearBest);
}

/** A probe of at least twice the threads, where they may gain and nobody knows yet how the work scales. */
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

/** The scalability law over thread counts at today's batch size; null before three counts, the largest twice the smallest. */
function scalability({ now, near }: Context): UslFit | null {
  const alike = [now, ...near].filter((point) => point.settings['batchSize'] === now.settings['batchSize']);
  if (new Set(alike.map((point) => point.width)).size < 3) return null;
  return fitUsl(alike.map((point) => ({ width: point.width, score: point.score, sd: point.scoreSd })));
}

/** The narrower of two estimates: they rest on the same windows, so their weighted mean would claim too much. */
function narrower(a: LogGain, b: LogGain | undefined): LogGain {
  return b && b.sd < a.sd ? { mean: b.mean, sd: Math.max(b.sd, 0.02) } : a;
}

function reasonOf(context: Context, usl: UslFit | null): string {
  const { now, seen } = context;
  const cpus =
    now.cores < 0.95 * seen.cores
      ? `the ${inWords(now.cores)} of ${countedInWords(seen.cores, 'CPU')} that others leave`
      : countedInWords(now.cores, 'CPU');
  const bounds = `${workersText(now)}; in use are ${shareInWords(now.cpuFraction)} of ${cpus} and ${shareInWords(now.hostFraction)} of the main thread; ${waitText(now)}`;
  return usl ? `${bounds}; scalability law: contention ${inWords(usl.sigma)}, coherency ${inWords(usl.kappa)}` : bounds;
}
