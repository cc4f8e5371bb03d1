/**
 * The predictor on a simulated pool, with trials that are always right: it is tested whether proposals
 * lead to the best setting, and not how a trial decides.
 */
import { measureAll } from '../../../bench/worlds/measure.ts';
import { batchKnob, poolWorld, threadsKnob } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { World } from '../../../bench/worlds/world.ts';
import type { Proposal, Seen, Settings, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict } from '../../../tuner/predict/predict.ts';

/** A proposal, and what a trial that is always right made of it. */
interface Judged {
  readonly proposal: Proposal;
  /** True relative change of the rate. */
  readonly effect: number;
  readonly accepted: boolean;
}

export interface Campaign {
  readonly fractionOfBest: number;
  /** The best rate over the rate at the start. */
  readonly bestOverStart: number;
  readonly judged: readonly Judged[];
  readonly probes: number;
  readonly none: string | null;
  readonly settings: Settings;
}

const gridWidths = [1, 2, 3, 4, 6, 8, 12, 16];
const gridSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Follows the predictor from `start`, for at most `rounds` answers and `acceptable` accepted proposals. */
export async function campaign(
  pool: Pool,
  start: Settings,
  seed: number,
  { rounds = 12, acceptable = 3, noiseSd = 0.03 }: { rounds?: number; acceptable?: number; noiseSd?: number } = {},
): Promise<Campaign> {
  const random = randomStream(seed, 'windows');
  const world = createWorld(poolWorld(pool, noiseSd), seed);
  const rate = (settings: Settings) => world.truth(settings, 0).rate;
  let current = start;
  let windows: readonly Window[] = await measureAll(world, start, 10);
  const measureBoth = async (settings: Settings, there: number, here: number) => {
    windows = [...windows, ...(await measureAll(world, settings, there)), ...(await measureAll(world, current, here))];
  };
  const ruledOut: Settings[] = [];
  const judged: Judged[] = [];
  let [probes, accepted, none] = [0, 0, null as string | null];
  for (let round = 0; round < rounds && accepted < acceptable; round++) {
    const answer = predict(seenOf(pool, windows, current, ruledOut), random);
    if ('none' in answer) {
      none = answer.none;
      break;
    }
    if ('probe' in answer) {
      probes++;
      await measureBoth(answer.probe, 3, 2);
      continue;
    }
    await measureBoth(answer.settings, 8, 8);
    const effect = rate(answer.settings) / rate(current) - 1;
    const keep = answer.model.endsWith('-cheaper') ? effect > -0.02 : effect > 0.01;
    judged.push({ proposal: answer, effect, accepted: keep });
    if (keep) {
      current = answer.settings;
      if (!answer.model.endsWith('-cheaper')) accepted++;
    } else ruledOut.push(answer.settings);
  }
  const best = rate(bestOf(world));
  return {
    fractionOfBest: rate(current) / best,
    bestOverStart: best / rate(start),
    judged,
    probes,
    none,
    settings: current,
  };
}

/** The setting of the grid with the highest true rate. */
export function bestOf(world: World): Settings {
  const rate = (settings: Settings) => world.truth(settings, 0).rate;
  return gridWidths
    .flatMap((threads) => gridSizes.map((batchSize): Settings => ({ threads, batchSize })))
    .reduce((best, settings) => (rate(settings) > rate(best) ? settings : best));
}

export function seenOf(
  pool: Pool,
  windows: readonly Window[],
  current: Settings,
  ruledOut: readonly Settings[] = [],
): Seen {
  return {
    windows,
    knobs: [threadsKnob, batchKnob],
    current,
    goal: { objective: { metric: 'throughput', direction: 'maximize' }, guardrails: [] },
    load: 'closed',
    cores: pool.cores,
    worth: { gain: 0.05, probability: 0.8 },
    ruledOut,
  };
}

export function defaultsOf(pool: Pool): Settings {
  return { threads: Math.round(1.5 * pool.cores), batchSize: 1 };
}
