/**
 * How far a model's predictions can be believed, from its record: each prediction is sealed before
 * its trial and scored after it. What a model says counts for four predictions, so that the first scores
 * already tell: p′ = (4 p + gained) / (4 + scores). From 20 scores on its whole record corrects it.
 */
import type { Interval } from '../../src/contracts.ts';
import type { PredictionScore } from '../entries/entries.ts';

const calibrationMinimum = 20;
/** Predictions that a model's own word counts for. */
const priorScores = 4;

/**
 * P(gain > 0) corrected by the record of `model`: isotonic regression, kept away from 0 and 1 by
 * Laplace's rule. While the model has fewer than 20 scores, shrunk towards the share of them that gained.
 * @see Zadrozny and Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates", §3
 */
export function calibrate(scores: readonly PredictionScore[], model: string, pGain: number): number {
  const mine = scores.filter((score) => score.model === model);
  if (mine.length < calibrationMinimum) {
    const gained = mine.filter((score) => score.gained).length;
    return (priorScores * pGain + gained) / (priorScores + mine.length);
  }
  const blocks = isotonic(mine);
  const margin = 1 / (mine.length + 2);
  return Math.min(1 - margin, Math.max(margin, interpolate(blocks, pGain)));
}

/** The score that a record of the ledger holds: Brier score and outcome together give back the probability. */
export function scoreOfRecord(record: {
  readonly model: string;
  readonly measured: Interval;
  readonly covered: boolean;
  readonly brier: number;
}): PredictionScore {
  const gained = record.measured.estimate > 0;
  const distance = Math.sqrt(record.brier);
  return { model: record.model, pGain: gained ? 1 - distance : distance, gained, covered: record.covered };
}

interface Block {
  /** Mean sealed probability and mean outcome of `count` predictions. */
  readonly p: number;
  readonly rate: number;
  readonly count: number;
}

/** Pool adjacent violators: the non-decreasing step function nearest to the outcomes. */
function isotonic(scores: readonly PredictionScore[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const score of [...scores].sort((a, b) => a.pGain - b.pGain)) {
    let block: Block = { p: score.pGain, rate: Number(score.gained), count: 1 };
    for (let last = blocks.at(-1); last && (last.rate >= block.rate || last.p === block.p); last = blocks.at(-1)) {
      blocks.pop();
      const count = last.count + block.count;
      const pooled = (key: 'p' | 'rate') => (last.count * last[key] + block.count * block[key]) / count;
      block = { p: pooled('p'), rate: pooled('rate'), count };
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
