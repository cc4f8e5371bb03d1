/**
 * The cost a + b·n of a batch of n calls: a once a batch, b once a call. Per call that is b + a/n at
 * the fill n. Only the ratio r = a/b is unknown, since the level is measured at the setting in force.
 *
 *   cost(n) = cost(now) · (1 + r/n) / (1 + r/now)
 *
 * The ratio is identifiable once the fill varies. Until then only the prior says something of it:
 * dispatching costs about ten times what one more call in the batch costs (measured on worker
 * threads: a wake-up takes 50–60 µs, a call's own share of the message a few), within a factor of
 * about four either way.
 * @see Yu and Moyeed 2001, "Bayesian quantile regression": the Laplace likelihood used here makes the
 * fit a median regression, which a few spoilt windows do not move
 */

export interface Observation {
  readonly fill: number;
  readonly cost: number;
}

export interface RatioPrior {
  readonly logMean: number;
  readonly logSd: number;
}

/** The prior of what the main thread spends, and of waking a worker. */
export const dispatchPrior: RatioPrior = { logMean: Math.log(10), logSd: 1.1 };
/** The prior of what a worker spends around the guest: it reads and answers each call's message there, whatever its size. */
export const aroundPrior: RatioPrior = { logMean: Math.log(4), logSd: 1.3 };
/** The prior for a function that takes a batch, of which nobody knows what a batch saves. */
export const unknownPrior: RatioPrior = { logMean: 0, logSd: 1.8 };

/** What is known of the ratio r, as a distribution to draw from. */
export interface Amortised {
  /** r at a quantile, 0 < u < 1. */
  ratioAt(u: number): number;
  /** True once fills that differ by half or more were seen. */
  readonly identifiable: boolean;
}

const gridSize = 81;
const gridSpan = 4;

/**
 * The distribution of r after the windows at other settings.
 * @param now fill and cost at the setting in force
 * @param others fill and cost at every other setting
 * @param scale scale of the Laplace noise of log cost between two settings
 */
export function fitAmortised(
  now: Observation,
  others: readonly Observation[],
  prior: RatioPrior,
  scale = 0.06,
): Amortised {
  const useful = others.filter((other) => other.cost > 0 && now.cost > 0);
  const grid = Array.from(
    { length: gridSize },
    (_, i) => prior.logMean + prior.logSd * gridSpan * ((2 * i) / (gridSize - 1) - 1),
  );
  const logs = grid.map((log) => {
    const offPrior = (log - prior.logMean) / prior.logSd;
    const misfit = useful.reduce((sum, other) => {
      const predicted = Math.log(amortisedRatio(Math.exp(log), now.fill, other.fill));
      return sum + Math.abs(Math.log(other.cost / now.cost) - predicted) / scale;
    }, 0);
    return -(offPrior ** 2) / 2 - misfit;
  });
  const top = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    ratioAt: (u) => Math.exp(quantileOf(grid, weights, u * total)),
    identifiable: useful.some((other) => Math.abs(Math.log(other.fill / now.fill)) >= Math.log(1.5)),
  };
}

/** Cost per call at fill `to` over that at fill `from`. */
export function amortisedRatio(ratio: number, from: number, to: number): number {
  return (1 + ratio / to) / (1 + ratio / from);
}

function quantileOf(grid: readonly number[], weights: readonly number[], mass: number): number {
  let below = 0;
  for (let i = 0; i < grid.length; i++) {
    const weight = weights[i] as number;
    if (below + weight >= mass) {
      const step = (grid[1] as number) - (grid[0] as number);
      return (grid[i] as number) + step * ((weight > 0 ? (mass - below) / weight : 0.5) - 0.5);
    }
    below += weight;
  }
  return grid.at(-1) as number;
}
