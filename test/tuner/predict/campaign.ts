/**
 * The predictor against a plant, with trials that are always right: what is tested is whether the
 * proposals lead to the best setting, not how a trial decides.
 */
import type { KnobSpec, Proposal, Seen, Settings, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { settingsKey } from '../../../tuner/entries/settings.ts';
import { predict } from '../../../tuner/predict/index.ts';
import { type Plant, type Run, rateOf, runPlant, windowsOf } from './plant.ts';

export const threadsKnob: KnobSpec = {
  id: 'threads',
  unit: 'threads',
  domain: { min: 1, max: 16, scale: 'linear', integer: true },
  interference: 'executor',
  moves: { up: 'live', down: 'live' },
  cost: 'per-unit',
  defaultValue: 3,
  source: 'test',
};

export const batchKnob: KnobSpec = {
  id: 'batchSize',
  unit: 'calls',
  domain: { min: 1, max: 1024, scale: 'log', integer: true },
  interference: 'executor',
  moves: { up: 'live', down: 'live' },
  defaultValue: 1,
  source: 'test',
};

export interface Tried {
  readonly proposal: Proposal;
  /** True relative change of the rate. */
  readonly effect: number;
  readonly accepted: boolean;
}

export interface Campaign {
  readonly fractionOfBest: number;
  /** Best rate over the starting one. */
  readonly toBeHad: number;
  readonly tried: readonly Tried[];
  readonly probes: number;
  readonly none: string | null;
  readonly settings: Settings;
}

const gridWidths = [1, 2, 3, 4, 6, 8, 12, 16];
const gridSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export function memoised(plant: Plant): (settings: Settings) => Run {
  const runs = new Map<string, Run>();
  return (settings) => {
    const key = settingsKey(settings);
    const run = runs.get(key) ?? runPlant(plant, Number(settings['threads']), Number(settings['batchSize']));
    runs.set(key, run);
    return run;
  };
}

/** From `start`, at most `rounds` answers of the predictor and `acceptable` accepted proposals. */
export function campaign(
  plant: Plant,
  start: Settings,
  seed: number,
  { rounds = 12, acceptable = 3, noiseSd = 0.03 }: { rounds?: number; acceptable?: number; noiseSd?: number } = {},
): Campaign {
  const random = randomStream(seed, 'windows');
  const runAt = memoised(plant);
  const rate = (settings: Settings) => rateOf(runAt(settings));
  const measure = (settings: Settings, count: number) =>
    windowsOf(plant, settings, runAt(settings), count, random, noiseSd);
  let current = start;
  let windows: readonly Window[] = measure(start, 10);
  const ruledOut: Settings[] = [];
  const tried: Tried[] = [];
  let [probes, accepted, none] = [0, 0, null as string | null];
  for (let round = 0; round < rounds && accepted < acceptable; round++) {
    const answer = predict(seenOf(plant, windows, current, ruledOut), random);
    if ('none' in answer) {
      none = answer.none;
      break;
    }
    if ('probe' in answer) {
      probes++;
      windows = [...windows, ...measure(answer.probe, 3), ...measure(current, 2)];
      continue;
    }
    windows = [...windows, ...measure(answer.settings, 8), ...measure(current, 8)];
    const effect = rate(answer.settings) / rate(current) - 1;
    const keep = answer.model.endsWith('-cheaper') ? effect > -0.02 : effect > 0.01;
    tried.push({ proposal: answer, effect, accepted: keep });
    if (keep) {
      current = answer.settings;
      if (!answer.model.endsWith('-cheaper')) accepted++;
    } else ruledOut.push(answer.settings);
  }
  const best = Math.max(...gridWidths.flatMap((threads) => gridSizes.map((batchSize) => rate({ threads, batchSize }))));
  return { fractionOfBest: rate(current) / best, toBeHad: best / rate(start), tried, probes, none, settings: current };
}

export function seenOf(
  plant: Plant,
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
    cores: plant.cores,
    worth: { gain: 0.05, probability: 0.8 },
    ruledOut,
  };
}

/** A plant of the kind people have: microseconds to milliseconds of guest work on a few CPUs. */
export function somePlant(seed: number): Plant {
  const random = randomStream(seed, 'plant');
  const between = (low: number, high: number) => low * (high / low) ** random();
  const cores = [2, 2, 4, 8][Math.floor(4 * random())] as number;
  return {
    cores,
    inFlight: [16, 64, 256, 1024][Math.floor(4 * random())] as number,
    hostPerBatch: between(0.015, 0.08),
    hostPerCall: between(0.002, 0.012),
    wakeUp: between(0.01, 0.07),
    workerPerBatch: between(0.01, 0.06),
    workerPerCall: between(0.003, 0.6),
    guestWait: random() < 0.75 ? 0 : between(0.05, 3),
    guestShare: 0.6 + 0.35 * random(),
  };
}

export function defaultsOf(plant: Plant): Settings {
  return { threads: Math.round(1.5 * plant.cores), batchSize: 1 };
}
