/**
 * What a summary's numbers suggest, by thresholds alone: where to look first. Nothing here claims a
 * gain; that is for a prediction, and its proof for a trial.
 */
import type { CacheUse, OutcomeCounts } from '../../src/contracts.ts';
import { countText, durationText, shareText } from '../../src/foundation/units.ts';
import { paysInThread } from '../predict/tier.ts';

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
  /** Of the CPUs that others leave. */
  readonly cpuFraction: number;
  /** What the models say of the workers. */
  readonly workers: WorkerFacts;
  readonly callsPerBatch: number;
  /** Mean ms a sampled call spent in each stage; empty without samples. */
  readonly stages: Readonly<Record<string, number>>;
  readonly cache: CacheUse | undefined;
  /** Time inside guests, cold starts not included. */
  readonly executeMs: number;
  /** CPU time of the main thread. */
  readonly hostMs: number;
}

/** The same that the models start from (predict/worker-use.ts), so that no advice contradicts them. */
export interface WorkerFacts {
  /** The knob that says how many calls may run at once; null where there is none. */
  readonly knob: 'threads' | 'concurrency' | null;
  /** False where calls run on the main thread. */
  readonly hasThreads: boolean;
  /** True where a knob says how many calls a batch may hold. */
  readonly hasBatches: boolean;
  readonly count: number;
  /** How many of them can be used, NaN where nobody knows. */
  readonly useful: number;
  /** Calls hold them for the way there and back, and hardly for their work. */
  readonly crosses: boolean;
  /** The process uses nearly all the CPU time that others leave. */
  readonly isCpuBound: boolean;
  /** The main thread has hardly time for more calls. */
  readonly isHostBound: boolean;
  /** More of them were in force before, and were no better. */
  readonly isWidest: boolean;
  /** Of one CPU, what the main thread uses. */
  readonly hostFraction: number;
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
  /** Of latency: where calls wait longer, all workers are busy at times, whatever they are on average. */
  idleWaitFraction: 0.05,
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
  inThread,
  crossing,
  idle,
];

function lost(facts: Facts): Recommendation | undefined {
  const { outcomes, settled } = facts;
  if (outcomes.lost === 0) return undefined;
  const texts = {
    guests: 'Workers died under calls: look for guests that run out of memory, and cap their memory.',
    workers: 'Workers died under calls: look at what ended them, their memory first.',
    functions: 'Calls were lost: look at what ended the work under them.',
  };
  return {
    priority: 'high',
    text: texts[whatRuns(facts)],
    evidence: `${outcomes.lost} of ${countText(settled)} calls lost${whatRuns(facts) === 'functions' ? '' : ' with their worker'}`,
  };
}

function timeouts(facts: Facts): Recommendation | undefined {
  const { outcomes, settled } = facts;
  const fraction = outcomes.timeout / settled;
  if (fraction < thresholds.timeoutFraction) return undefined;
  const cost = whatRuns(facts) === 'functions' ? 'the work of each goes on unheard' : 'each costs its worker';
  return {
    priority: 'high',
    text: `Many calls run into their deadline, and ${cost}: find the function in the table, or give it more time.`,
    evidence: `${shareText(fraction)} of ${countText(settled)} calls timed out`,
  };
}

/** What the words are about: only guests have a cache of modules, and only work in threads has workers. */
function whatRuns({ cache: use, workers }: Facts): 'guests' | 'workers' | 'functions' {
  if (use) return 'guests';
  return workers.hasThreads || workers.knob === 'threads' ? 'workers' : 'functions';
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

function queue(facts: Facts): Recommendation | undefined {
  const { waitFraction, busyFraction } = facts;
  if (!(waitFraction >= thresholds.waitFraction) || !(busyFraction >= thresholds.busyFraction)) return undefined;
  return { ...waitingFor(facts), evidence: waitingEvidence(facts) };
}

/** What calls wait for while all workers have some, and what may help. Only what the executor has a knob for is named. */
function waitingFor({ workers }: Facts): Pick<Recommendation, 'priority' | 'text'> {
  const { knob, count, useful, hasThreads, crosses, isCpuBound, isHostBound, isWidest } = workers;
  const medium = (text: string) => ({ priority: 'medium', text }) as const;
  if (crosses)
    return medium(
      `Calls wait for the way to the workers and back, and hardly for their work: the crossing is all of it, so try ${fuller(workers)}, or run calls as small as these where they are made.`,
    );
  if (isHostBound && !hasThreads)
    return medium(
      'Calls run on the main thread, which has hardly time for more of them: running more at once is not what is missing; try shorter calls, or a pool of workers.',
    );
  if (isCpuBound)
    return medium(
      `Calls wait for busy workers and no CPU is free: threads are not what is missing; try ${batchesOr(workers, 'fewer calls in flight')}.`,
    );
  if (isHostBound)
    return medium(
      `Calls wait for the main thread, which is busy too: threads are not what is missing; try ${fuller(workers)}, or less work beside the calls.`,
    );
  if (isWidest)
    return medium(
      `Calls wait, and ${knob === 'concurrency' ? 'a higher concurrency was' : 'more threads were'} no better: try ${batchesOr(workers, 'fewer calls in flight')}.`,
    );
  if (knob === null) return medium('Calls wait for their turn: serve more of them at once, where the executor can.');
  if (knob === 'concurrency')
    return {
      priority: 'high',
      text: `Calls wait while CPUs are free: try ${['a higher concurrency', ...batches(workers)].join(', or ')}.`,
    };
  if (useful <= count)
    return medium(
      `Calls wait for busy workers, of which no more can be used: try ${batchesOr(workers, 'fewer calls in flight')}.`,
    );
  return {
    priority: 'high',
    text: `Calls wait for busy workers while CPUs are free: try ${['more threads', ...batches(workers)].join(', or ')}.`,
  };
}

function batches({ hasBatches }: WorkerFacts): readonly string[] {
  return hasBatches ? ['larger batches'] : [];
}

function batchesOr(workers: WorkerFacts, other: string): string {
  return [...batches(workers), other].join(', or ');
}

/** What makes each crossing to a worker worth more. */
function fuller({ hasBatches }: WorkerFacts): string {
  return hasBatches ? 'larger batches' : 'calls that do more each';
}

/** What is used of something, which is all of it at most, however it was measured. */
function usedText(fraction: number): string {
  return shareText(Math.min(1, fraction));
}

function waitingEvidence({ waitFraction, busyFraction, cpuFraction, workers }: Facts): string {
  const { crosses, hasThreads, isHostBound, hostFraction } = workers;
  const waiting = `${shareText(waitFraction)} of latency is waiting`;
  if (!hasThreads)
    return [
      `${waiting}; as many calls run as are allowed ${usedText(busyFraction)} of the time`,
      ...(Number.isFinite(hostFraction) ? [`the main thread is busy ${usedText(hostFraction)}`] : []),
    ].join(', ');
  const share = usedText(busyFraction);
  const busy = crosses
    ? `workers have calls ${share} of the time and hardly work`
    : isHostBound
      ? `workers have calls ${share} of the time, which wait`
      : `workers busy ${share}`;
  return `${waiting}; ${busy}, the main thread ${usedText(hostFraction)}, the CPUs left to the process ${usedText(cpuFraction)}`;
}

/** Not where `queue` says it already. */
function crossing(facts: Facts): Recommendation | undefined {
  const { stages, callsPerBatch, workers } = facts;
  const crossingMs = (stages['wake-up'] ?? 0) + (stages['return'] ?? 0);
  const afterDispatchMs = crossingMs + (stages['batch'] ?? 0) + (stages['start'] ?? 0) + (stages['execute'] ?? 0);
  if (!(crossingMs / afterDispatchMs >= thresholds.crossingFraction)) return undefined;
  if (workers.crosses && queue(facts)) return undefined;
  return {
    priority: 'medium',
    text: `Crossing to the worker and back costs much of the call: try ${fuller(workers)}.`,
    evidence:
      `${durationText(crossingMs)} of ${durationText(afterDispatchMs)} after dispatch is wake-up and return; ` +
      `${countText(callsPerBatch)} calls a batch`,
  };
}

/** Guests on workers whose calls are so short that to send them takes the main thread longer than to run them. */
function inThread({ cache: use, workers, executeMs, hostMs, outcomes, settled }: Facts): Recommendation | undefined {
  if (!use || workers.knob !== 'threads') return undefined;
  const workMs = executeMs / outcomes.ok;
  const sendMs = hostMs / settled;
  if (!paysInThread(workMs, sendMs)) return undefined;
  return {
    priority: 'medium',
    text: "Calls are shorter than the way to a worker: where the guest is trusted, and needs neither a deadline nor a binding, run them in the thread of their caller (createSandbox({ tier: 'thread' })).",
    evidence: `${durationText(workMs)} in the guest a call, and ${durationText(sendMs)} of the main thread for each`,
  };
}

/** Where calls never wait and there is more than one thread; bursts may need threads that idle on average. */
function idle({ busyFraction, waitFraction, workers: { knob, count } }: Facts): Recommendation | undefined {
  if (!(busyFraction < thresholds.idleFraction) || !(waitFraction < thresholds.idleWaitFraction)) return undefined;
  if (knob !== 'threads' || !(count > 1)) return undefined;
  return {
    priority: 'low',
    text: 'Workers are mostly idle and calls hardly wait: fewer threads may do and cost less memory.',
    evidence: `workers busy ${usedText(busyFraction)} of the time, ${shareText(waitFraction)} of latency is waiting`,
  };
}
