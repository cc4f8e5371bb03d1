/**
 * What is recommended: the chain of commits that still stands, and its gain over the start.
 *
 *   decisions ──▶ Chain (commit adds, a refuted hold-back takes off) ──▶ chosen settings, GainData
 */
import type { Interval, Settings } from '../../../src/contracts.ts';
import type { Trigger } from '../../../tuner/entries.ts';
import { sameSettings } from '../../../tuner/settings.ts';
import type { GainData } from '../data.ts';
import { bounded } from './bounds.ts';
import type { RunLog, SessionLog } from './session-log.ts';

/** Endings that blame the candidate. A hold-back cut short for another reason refutes nothing. */
const harmful: ReadonlySet<Trigger> = new Set([
  'worse',
  'guardrail',
  'breaker: worker lost',
  'breaker: latency',
  'breaker: errors',
  'breaker: drop',
]);

export function isHarmful(trigger: Trigger): boolean {
  return harmful.has(trigger);
}

/** Committed trials that still stand, in order; empty when none does. */
export function standingCommits(log: SessionLog): readonly RunLog[] {
  let chain: RunLog[] = [];
  for (const decision of log.decisions) {
    const run = log.runs.find((one) => one.trial.trial === decision.trial);
    if (!run) continue;
    if (decision.decision === 'commit') chain.push(run);
    else if (run.trial.purpose === 'hold-back' && decision.decision === 'revert' && !isExcused(decision.trigger)) {
      const back = chain.findIndex((one) => sameSettings(one.trial.candidate, run.trial.candidate));
      chain = back < 0 ? chain : chain.slice(0, back);
    }
  }
  return chain;
}

/** Hold-backs that ended before they could say anything. */
function isExcused(trigger: Trigger): boolean {
  return trigger === 'stopped' || trigger === 'off' || trigger === 'load changed';
}

/** A proven candidate nobody has answered about: it waits for a yes, or the session ended first. */
export function awaitingAnswer(log: SessionLog): RunLog | null {
  return log.runs.findLast((run) => run.asked && (run.decision === null || isExcused(run.decision.trigger))) ?? null;
}

/** The gain of a chain of trials over where the first began; null when one of them has no effect. */
export function gainOf(chain: readonly RunLog[]): GainData | null {
  const results = chain.map((run) => run.verdict?.result);
  const [first] = results;
  const last = results.at(-1);
  if (!first || !last || results.some((result) => result === undefined)) return null;
  const known = results.filter((result) => result !== undefined);
  return {
    effect: product(known.flatMap((result) => bounded(result.effect) ?? [])),
    trials: chain.map((run) => run.trial.trial),
    pairs: known.reduce((sum, result) => sum + result.pairs, 0),
    metric: { start: first.metric.baseline, chosen: last.metric.candidate },
  };
}

/** Effects in a row multiply; by the union bound all intervals hold at once at 1 − Σ(1 − level). */
function product(effects: readonly Interval[]): Interval {
  const times = (pick: (effect: Interval) => number) => effects.reduce((all, one) => all * (1 + pick(one)), 1) - 1;
  return {
    estimate: times((one) => one.estimate),
    low: times((one) => one.low),
    high: times((one) => one.high),
    level: 1 - effects.reduce((sum, one) => sum + 1 - one.level, 0),
  };
}

export function settingsAfter(start: Settings, chain: readonly RunLog[]): Settings {
  return chain.at(-1)?.trial.candidate ?? start;
}
