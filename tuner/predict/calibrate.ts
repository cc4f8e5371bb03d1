/**
 * How far a model's predictions can be believed, from its record: each prediction is sealed before
 * its trial and scored after it. What a model says counts for four predictions, so that the first scores
 * already tell: p′ = (4 p + Σ w gained) / (4 + Σ w). From a weight of 20 on its whole record corrects it.
 *
 * A score weighs 1 when it is new and half after half a day: a model that was wrong is asked again, for the
 * service that it was wrong about is not there for ever. A shift of the load takes half of the weight as well.
 * With a gate at 0.8 a model that promised a gain with 0.97 is tried again three hours after its first miss, one
 * that said 0.9 after twelve, and both after a shift. Simulated with a choice every ten minutes: one that is
 * always wrong is tried twice a day, and eight times where the load shifts every three hours. Half the half-life
 * makes it four and ten; scores that a shift wipes out, thirteen.
 */
import type { Interval } from '../../src/contracts.ts';
import type { PredictionScore } from '../entries/entries.ts';
import { deviationIn } from './gain.ts';

/** Weight of scores from which on they alone say what a probability is worth. */
const calibrationMinimum = 20;
/** Predictions that a model's own word counts for. */
const priorScores = 4;
const halfLifeMs = 12 * 3_600_000;

/**
 * P(gain > 0) corrected by the record of `model`: isotonic regression, kept away from 0 and 1 by
 * Laplace's rule. While the scores of the model weigh less than 20, shrunk towards the share of them that gained.
 * @param nowMs on the clock of the scores
 * @see Zadrozny and Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates", §3
 */
export function calibrate(scores: readonly PredictionScore[], model: string, pGain: number, nowMs: number): number {
  const mine = scores
    .filter((score) => score.model === model)
    .map((score) => ({ p: score.pGain, rate: Number(score.gained), weight: scoreWeight(score, nowMs) }));
  const total = mine.reduce((sum, { weight }) => sum + weight, 0);
  if (total < calibrationMinimum) {
    const gained = mine.reduce((sum, { weight, rate }) => sum + weight * rate, 0);
    return (priorScores * pGain + gained) / (priorScores + total);
  }
  const blocks = isotonic(mine);
  const margin = 1 / (total + 2);
  return Math.min(1 - margin, Math.max(margin, interpolate(blocks, pGain)));
}

/** 1 of a new score, half of one that is half a day old. */
export function scoreWeight({ atMs }: Pick<PredictionScore, 'atMs'>, nowMs: number): number {
  return 2 ** (-Math.max(0, nowMs - atMs) / halfLifeMs);
}

/** A score after a shift: it weighs as much as one that is half a day older. */
export function scoreAfterShift<T extends PredictionScore>(score: T): T {
  return { ...score, atMs: score.atMs - halfLifeMs };
}

/**
 * The score that a record of the ledger holds: Brier score and outcome together give back the probability. How far the
 * model was off is told by what it said itself: by an interval that was corrected already half of its error would stay.
 */
export function scoreOfRecord(record: {
  readonly model: string;
  readonly predicted: Interval;
  readonly said?: Interval;
  readonly measured: Interval;
  readonly covered: boolean;
  readonly brier: number;
  readonly atMs: number;
}): PredictionScore {
  const gained = record.measured.estimate > 0;
  const distance = Math.sqrt(record.brier);
  const { model, covered, atMs } = record;
  const z = deviationIn(record.said ?? record.predicted, record.measured);
  return { model, pGain: gained ? 1 - distance : distance, gained, covered, atMs, ...(z !== undefined && { z }) };
}

interface Block {
  /** Mean sealed probability and mean outcome of predictions that weigh `weight` together. */
  readonly p: number;
  readonly rate: number;
  readonly weight: number;
}

/** Pool adjacent violators: the non-decreasing step function nearest to the outcomes. */
function isotonic(scores: readonly Block[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const score of scores.toSorted((a, b) => a.p - b.p)) {
    let block = score;
    for (let last = blocks.at(-1); last && (last.rate >= block.rate || last.p === block.p); last = blocks.at(-1)) {
      blocks.pop();
      const weight = last.weight + block.weight;
      const other = block;
      const pooled = (key: 'p' | 'rate') => (last.weight * last[key] + other.weight * other[key]) / weight;
      block = { p: pooled('p'), rate: pooled('rate'), weight };
    }
    blocks.push(block);
  }
  return blocks;
}

function interpolate(blocks: readonly Block[], p: number): number {
  const after = blocks.findIndex((block) => block.p >= p);
  const [low, high] = [blocks[after - 1], blocks[after]];
  if (!high) return blocks.at(-1)?.rate ?? p;
  if (!low) return high.rate;
  return low.rate + ((high.rate - low.rate) * (p - low.p)) / (high.p - low.p);
}
