/** Counts drawn at random: exact where they are small, by their normal approximation where that is good. */
import { gaussian, type RandomSource } from '../../src/foundation/random.ts';

const normalFrom = 20;

export function poisson(random: RandomSource, mean: number): number {
  if (mean > normalFrom) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gaussian(random)));
  // How many exponential gaps fit into one unit of time.
  let count = 0;
  for (let left = mean + Math.log(1 - random()); left > 0; left += Math.log(1 - random())) count++;
  return count;
}

export function binomial(random: RandomSource, n: number, p: number): number {
  if (p <= 0) return 0;
  if (n * p > normalFrom)
    return Math.max(0, Math.min(n, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * gaussian(random))));
  let count = 0;
  for (let i = 0; i < n; i++) if (random() < p) count++;
  return count;
}
