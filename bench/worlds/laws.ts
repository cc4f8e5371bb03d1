/**
 * Laws of single knobs, each of a closed loop in which calls wait for the knob's executor.
 *
 *   cached    one worker whose misses cost time         batched   a + b·n, `width` batches at once
 *   scalable  a pool of any width that gets in its own way
 *   asked     batches that all run at once, of a service that shares its time among them
 */
import type { CacheUse, Settings } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import type { Service } from './spec.ts';

/** What a setting does at any time. */
export type TimelessLaw = (settings: Settings) => Service;

export interface CacheLaw {
  /** The knob that is the capacity. */
  readonly knob: string;
  /** rankShares[r] = share of the references found at LRU rank r; what is missing from 1 is never seen again. */
  readonly rankShares: readonly number[];
  readonly hitMs: number;
  /** On top of `hitMs`. */
  readonly missMs: number;
}

/** One reference a call. @see Mattson et al. 1970 (stack distances) */
export function cached({ knob, rankShares, hitMs, missMs }: CacheLaw): TimelessLaw {
  const found = rankShares.reduce((sum, share) => sum + share, 0);
  return (settings) => {
    const hits = rankShares.slice(0, Number(valueIn(settings, knob))).reduce((sum, share) => sum + share, 0);
    const perSecond = 1000 / (hitMs + (1 - hits) * missMs);
    const cache: CacheUse = {
      hits: perSecond * hits,
      misses: perSecond * (1 - hits),
      rankCounts: rankShares.map((share) => share * perSecond),
      coldCount: perSecond * Math.max(0, 1 - found),
      missMs: perSecond * (1 - hits) * missMs,
    };
    const work = { fill: 1, busyFraction: 1, batchMs: 1000, executeMs: 1000, hostMs: 50, workerMs: 1000 };
    return { perSecond, cache, work };
  };
}

export interface ScalableLaw {
  readonly inFlight: number;
  /** Calls a second of one. */
  readonly perSecond: number;
  readonly contention: number;
  readonly coherency: number;
}

/** Knob `concurrency`. @see Gunther, "Guerrilla Capacity Planning", §4 (universal scalability law) */
export function scalable({ inFlight, perSecond, contention, coherency }: ScalableLaw): TimelessLaw {
  return ({ concurrency }) => {
    const width = Number(concurrency);
    const rate = (perSecond * width) / (1 + contention * (width - 1) + coherency * width * (width - 1));
    const elapsedMs = 1000 * width;
    const work = { fill: 1, busyFraction: 1, batchMs: elapsedMs, executeMs: elapsedMs, hostMs: 0, workerMs: 100 };
    return { perSecond: rate, waitShare: Math.max(0, 1 - width / inFlight), work };
  };
}

export interface BatchLaw {
  /** Batches at once. */
  readonly width: number;
  readonly perBatchMs: number;
  readonly perCallMs: number;
  /** Calls of a closed loop, which fill no more batches than they are. @defaultValue any number: they wait in a queue that never ends */
  readonly inFlight?: number;
}

/**
 * Knob `batchSize`, of a function that is called with whole batches. Who is free takes all that waits, up to a whole batch;
 * of a closed loop calls come back together and are taken together again, so that those that came first leave the others fewer.
 */
export function batched({ width, perBatchMs, perCallMs, inFlight = Infinity }: BatchLaw): TimelessLaw {
  return ({ batchSize }) => {
    const size = Number(batchSize);
    const fills = Array.from({ length: width }, (_, i) => Math.max(0, Math.min(size, inFlight - i * size)));
    const busy = fills.filter((fill) => fill > 0);
    const batches = busy.reduce((sum, fill) => sum + 1 / (perBatchMs + perCallMs * fill), 0);
    const calls = busy.reduce((sum, fill) => sum + fill / (perBatchMs + perCallMs * fill), 0);
    const busyMs = 1000 * busy.length;
    return {
      perSecond: 1000 * calls,
      work: {
        fill: calls / batches,
        busyFraction: busy.length / width,
        batchMs: busyMs,
        executeMs: busyMs,
        hostMs: 0,
        workerMs: 50,
      },
    };
  };
}

export interface AskedLaw {
  readonly inFlight: number;
  readonly perBatchMs: number;
  readonly perCallMs: number;
  /** Batches that the service does at full speed; more of them share its time (egalitarian processor sharing). */
  readonly atOnce: number;
}

/** Knob `batchSize`, of a function that asks a service and waits. @see Kleinrock, "Queueing Systems" II, §4.4 (processor sharing) */
export function asked({ inFlight, perBatchMs, perCallMs, atOnce }: AskedLaw): TimelessLaw {
  return ({ batchSize }) => {
    const fill = Math.min(inFlight, Number(batchSize));
    const running = inFlight / fill;
    const tookMs = (perBatchMs + perCallMs * fill) * Math.max(1, running / atOnce);
    const perSecond = (1000 * inFlight) / tookMs;
    const batchMs = 1000 * running;
    return { perSecond, work: { fill, busyFraction: 1, batchMs, executeMs: batchMs, hostMs: 0, workerMs: 20 } };
  };
}
