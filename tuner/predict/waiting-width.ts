/**
 * What more calls at once are expected to gain where calls wait for others, before a second width was seen.
 *
 *   CPU c of a call, share of a thread in use ── (1 / share) times as many calls fill the thread ──▶ the most there is
 *   what services lose by each unit of width ── draws of the scalability law ──▶ how much of it, and how surely
 *
 * Those whom a function asks may have a queue of their own: then nothing is gained however many calls ask at once. One
 * service in four is taken to be like that, and the others to lose 0 to 30 % by a unit of width, small losses being
 * likelier. So the gain of a first step is likely and its size is not, and no step goes further than two octaves from
 * what was seen. Once a second width was seen the law is fitted to both (usl.ts), and this says no more.
 * @see Denning and Buzen 1978, "The operational analysis of queueing network models", §5 (bounds)
 * @see Gunther 2007, "Guerrilla Capacity Planning", ch. 4
 */
import { mean, populationDeviation } from '../trial/statistics.ts';
import type { Context } from './context.ts';
import { evenDraws } from './draws.ts';
import type { LogGain } from './gain.ts';
import type { Point } from './points.ts';
import { cpuInReach } from './worker-use.ts';

const draws = 64;
/** Share of services that do no more at once than they do now. */
const full = 0.25;
/** Largest contention and coherency of the others. */
const most = { contention: 0.3, coherency: 0.004 } as const;
/** A call that computes for a larger share of its time waits for the thread, and not for others. */
const mostlyWaiting = 0.5;
const farthest = 4;

/** By width; null where it cannot be told that calls hold their width while they wait for others. */
export function waitingWidthGain(context: Context, width: number): ((to: number) => LogGain | null) | null {
  const { now, seen, saturated } = context;
  if (seen.load !== 'closed' && !saturated) return null;
  if (!isWaiting(now, width)) return null;
  const used = cpuInReach(now);
  const laws = evenDraws(draws, 3).map(([limit = 0, contention = 0, coherency = 0]) =>
    limit < full ? null : { contention: most.contention * contention ** 2, coherency: most.coherency * coherency ** 3 },
  );
  return (to) => {
    if (to <= width || to > farthest * width) return null;
    const filled = Math.min(to, Math.max(width, now.inFlight));
    const gains = laws.map((law) => {
      const faster = law === null ? 1 : rateAt(law, filled) / rateAt(law, width);
      return Math.log(bound(1, used) / bound(1 / faster, used));
    });
    const ranked = gains.toSorted((a, b) => a - b);
    return { mean: mean(gains), sd: populationDeviation(gains), most: ranked[Math.floor(0.9 * draws)] ?? 0 };
  };
}

/** The calls that are out at once are as many as the width, and their thread computes for little of that time. */
function isWaiting({ okPerMs, elapsedMs, workerMs, fill }: Point, width: number): boolean {
  const out = (okPerMs * elapsedMs) / Math.max(1, fill);
  return out >= 0.5 * width && workerMs < mostlyWaiting * elapsedMs;
}

function rateAt({ contention, coherency }: { readonly contention: number; readonly coherency: number }, n: number) {
  return n / (1 + contention * (n - 1) + coherency * n * (n - 1));
}

/** The longer of the two; of two that are alike, both slow down. */
function bound(byWidth: number, byThread: number): number {
  return (byWidth ** 8 + byThread ** 8) ** (1 / 8);
}
