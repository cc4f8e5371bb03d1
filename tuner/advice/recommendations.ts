/**
 * What a summary's numbers suggest, by thresholds alone: where to look first. Nothing here claims a
 * gain; that is for a prediction, and its proof for a trial.
 */
import type { CacheUse, OutcomeCounts } from '../../src/contracts.ts';
import { countText, durationText, shareText } from '../../src/foundation/units.ts';

export interface Recommendation {
  readonly priority: 'high' | 'medium' | 'low';
  readonly text: string;
  /** The numbers it rests on. */
  readonly evidence: string;
}

/** What the rules look at. Fractions unless the name says otherwise; NaN where there is no data. */
export interface Facts {
  readonly settled: number;
  readonly outcomes: OutcomeCounts;
  /** Of latency, spent before dispatch. */
  readonly waitFraction: number;
  /** Of the workers' time, with at least one batch dispatched. */
  readonly busyFraction: number;
  /** Of that time, in which calls ran; the rest is the way there and back, and waiting for the main thread. */
  readonly ranFraction: number;
  /** Of the usable CPUs. */
  readonly cpuFraction: number;
  readonly callsPerBatch: number;
  /** Mean ms a sampled call spent in each stage; empty without samples. */
  readonly stages: Readonly<Record<string, number>>;
  readonly cache: CacheUse | undefined;
  /** Time inside guests, cold starts not included. */
  readonly executeMs: number;
}

const thresholds = Object.freeze({
  /** Fewer settled calls than this say nothing. */
  minSettled: 50,
  timeoutFraction: 0.01,
  shedFraction: 0.001,
  /** Misses on keys seen before, as a fraction of references. */
  avoidableMissFraction: 0.05,
  /** Cost of the avoidable misses against the time inside guests. */
  missCostFraction: 0.05,
  waitFraction: 0.5,
  busyFraction: 0.8,
  idleFraction: 0.3,
  /** Workers that run calls for less than this share of the time they have some wait for something else. */
  ranFraction: 0.5,
  cpuFraction: 0.85,
  /** Wake-up and return, of a call's time after dispatch. */
  crossingFraction: 0.3,
});

const order = { high: 0, medium: 1, low: 2 } as const;

/** Most urgent first; empty when nothing stands out or when there is too little data to say. */
export function recommend(facts: Facts): readonly Recommendation[] {
  if (facts.settled < thresholds.minSettled) return [];
  return rules.flatMap((rule) => rule(facts) ?? []).toSorted((a, b) => order[a.priority] - order[b.priority]);
}

const rules: readonly ((facts: Facts) => Recommendation | undefined)[] = [
  lost,
  timeouts,
  shed,
  cache,
  queue,
  crossing,
  idle,
];

function lost({ outcomes, settled }: Facts): Recommendation | undefined {
  if (outcomes.lost === 0) return undefined;
  return {
    priority: 'high',
    text: 'Workers died under calls: look for guests that run out of memory, and cap their memory.',
    evidence: `${outcomes.lost} of ${countText(settled)} calls lost with their worker`,
  };
}

function timeouts({ outcomes, settled }: Facts): Recommendation | undefined {
  const fraction = outcomes.timeout / settled;
  if (fraction < thresholds.timeoutFraction) return undefined;
  return {
    priority: 'high',
    text: 'Many calls run into their deadline, and each costs its worker: find the function in the table, or give it more time.',
    evidence: `${shareText(fraction)} of ${countText(settled)} calls timed out`,
  };
}

function shed({ outcomes, settled }: Facts): Recommendation | undefined {
  const fraction = outcomes.shed / settled;
  if (fraction < thresholds.shedFraction) return undefined;
  return {
    priority: 'high',
    text: 'More calls arrive than are served: raise capacity, or slow the callers down.',
    evidence: `${shareText(fraction)} of ${countText(settled)} calls shed at the queue's limit`,
  };
}

function cache({ cache: use, executeMs }: Facts): Recommendation | undefined {
  if (!use || use.misses === 0) return undefined;
  const references = use.hits + use.misses;
  // A key never seen before is a miss whatever the capacity.
  const avoidable = Math.max(0, use.misses - use.coldCount);
  const cost = ((use.missMs / use.misses) * avoidable) / (executeMs + use.missMs);
  if (avoidable / references < thresholds.avoidableMissFraction || !(cost >= thresholds.missCostFraction))
    return undefined;
  return {
    priority: cost >= 4 * thresholds.missCostFraction ? 'high' : 'medium',
    text: 'The cache is too small for the keys in use: try a larger capacity.',
    evidence:
      `hit rate ${shareText(use.hits / references)} of ${countText(references)} references; ` +
      `${countText(avoidable)} misses on keys seen before, ${durationText(use.missMs / use.misses)} each, ` +
      `${shareText(cost)} of the time in guests`,
  };
}

function queue({ waitFraction, busyFraction, ranFraction, cpuFraction }: Facts): Recommendation | undefined {
  if (!(waitFraction >= thresholds.waitFraction) || busyFraction < thresholds.busyFraction) return undefined;
  const evidence = (workers: string) =>
    `${shareText(waitFraction)} of latency is waiting; ${workers}, CPUs used ${shareText(cpuFraction)}`;
  if (ranFraction < thresholds.ranFraction)
    return {
      priority: 'medium',
      text: 'Calls wait for the way to the workers and back, and not for their work: the crossing is what they cost, so try larger batches, or run calls as small as these where they are made.',
      evidence: evidence(
        `workers have calls ${shareText(busyFraction)} of the time and run them ${shareText(busyFraction * ranFraction)}`,
      ),
    };
  const full = cpuFraction >= thresholds.cpuFraction;
  return {
    priority: full ? 'medium' : 'high',
    text: full
      ? 'Calls wait for busy workers and the CPUs are full: threads are not what is missing; try larger batches, or fewer calls in flight.'
      : 'Calls wait for busy workers while CPUs are free: try more threads, or larger batches.',
    evidence: evidence(`workers busy ${shareText(busyFraction)}`),
  };
}

function crossing({ stages, callsPerBatch }: Facts): Recommendation | undefined {
  const crossingMs = (stages['wake-up'] ?? 0) + (stages['return'] ?? 0);
  const afterDispatchMs = crossingMs + (stages['batch'] ?? 0) + (stages['start'] ?? 0) + (stages['execute'] ?? 0);
  if (!(crossingMs / afterDispatchMs >= thresholds.crossingFraction)) return undefined;
  return {
    priority: 'medium',
    text: 'Crossing to the worker and back costs much of the call: try larger batches.',
    evidence:
      `${durationText(crossingMs)} of ${durationText(afterDispatchMs)} after dispatch is wake-up and return; ` +
      `${countText(callsPerBatch)} calls a batch`,
  };
}

function idle({ busyFraction }: Facts): Recommendation | undefined {
  if (!(busyFraction < thresholds.idleFraction)) return undefined;
  return {
    priority: 'low',
    text: 'Workers are mostly idle: fewer threads would do and cost less memory.',
    evidence: `workers busy ${shareText(busyFraction)} of the time`,
  };
}
