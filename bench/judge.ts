/**
 * Whether a figure reached its targets. The end of the interval is held against a target, not the
 * value: what noise alone could have brought about is not reached. No data is not good news: where
 * the number, its interval or the peer is missing the target is `unjudged`, and was not reached.
 */
import type { Estimate, Figure, Target } from './figure.ts';

export interface Judgement {
  readonly figure: string;
  readonly target: Target;
  readonly state: 'reached' | 'missed' | 'unjudged';
  /** The number held against `limit`, or why there is none. */
  readonly held: number | string;
  readonly limit: number;
  /** The peer that decided, where the target speaks of peers. */
  readonly peer?: string;
}

/** A quick run has too few samples for intervals: `on: 'value'` judges all targets by the value, as a hint. */
export interface JudgeOptions {
  readonly on?: 'value';
}

/** One judgement a target, in their order. */
export function judge(figure: Figure, { on }: JudgeOptions = {}): readonly Judgement[] {
  return (figure.targets ?? []).map((target) => {
    const judged = comparisonsOf(figure, target).map((one): Judgement => {
      const held = heldOf(one, target, on ?? target.on ?? 'bound');
      return { figure: figure.name, target, ...one, held, state: stateOf(target.op, held, one.limit) };
    });
    return judged.reduce((worst, one) => (isWorse(one, worst) ? one : worst));
  });
}

interface Comparison {
  readonly estimate: Estimate | null;
  readonly limit: number;
  readonly peer?: string;
}

/** To be better than the best of some is to be better than each. */
function comparisonsOf(figure: Figure, { value, of }: Target): readonly Comparison[] {
  const { peers = {}, ratios = {} } = figure;
  if (of === undefined) return [{ estimate: figure, limit: value }];
  const names = of === 'best' ? Object.keys(peers) : [of].flat();
  if (names.length === 0) return [{ estimate: null, limit: value, peer: 'best' }];
  return names.map((peer): Comparison => {
    const ratio = ratios[peer];
    if (ratio) return { estimate: ratio, limit: value, peer };
    const theirs = peers[peer];
    return theirs === undefined
      ? { estimate: null, limit: value, peer }
      : { estimate: figure, limit: value * theirs, peer };
  });
}

function heldOf({ estimate, peer }: Comparison, { op }: Target, on: 'bound' | 'value'): number | string {
  if (estimate === null) return `no ${peer} in this run`;
  const held = on === 'value' ? estimate.value : estimate.ci95?.[op === '>=' ? 0 : 1];
  if (held === undefined) return 'too few samples for an interval';
  return Number.isFinite(held) ? held : `no number, but ${held}`;
}

function stateOf(op: Target['op'], held: number | string, limit: number): Judgement['state'] {
  if (typeof held === 'string' || !Number.isFinite(limit)) return 'unjudged';
  return (op === '>=' ? held >= limit : held <= limit) ? 'reached' : 'missed';
}

/** What is missed decides, then what could not be judged, then what was reached by least. */
function isWorse(one: Judgement, other: Judgement): boolean {
  const rank = ({ state }: Judgement) => ['missed', 'unjudged', 'reached'].indexOf(state);
  const margin = ({ held, limit, target }: Judgement) => (target.op === '>=' ? 1 : -1) * (Number(held) - limit);
  return rank(one) === rank(other) ? margin(one) < margin(other) : rank(one) < rank(other);
}
