/**
 * Sessions of real tuners in simulated worlds, drawn by a seed: batches, concurrency, a size that gains,
 * harms or does nothing; all modes, goals and gates; proposals, answers, sweeps. A session may be cut
 * anywhere, because a ledger may be read at any moment.
 */
import { batched, scalable } from '../../bench/worlds/laws.ts';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { createWorld } from '../../bench/worlds/simulated.ts';
import type { WorldKnob, WorldSpec } from '../../bench/worlds/spec.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { noOutcomes } from '../../src/measure/outcome-counts.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { interval } from '../../tuner/trial/e-value.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';

type Draw = <T>(items: readonly T[]) => T;

/** The entries of one session, windows included. The same seed gives the same session. */
export async function generatedSession(seed: number): Promise<readonly Entry[]> {
  const random = randomStream(seed, 'generated session');
  const draw: Draw = (items) => items[Math.floor(random() * items.length)] as (typeof items)[number];
  const world = createWorld(drawnWorld(draw), seed);
  const time = manualTime(world);
  const tuner = tune(world.executor, { ...drawnOptions(draw, seed), surroundings: time.surroundings });
  const stopAnswering = answering(tuner, draw(['yes', 'no', 'never']));
  if (tuner.mode === 'auto' || tuner.mode === 'confirm')
    for (const settings of drawnProposals(draw, world.settings())) void tuner.propose(settings);
  await Promise.race([tuner.settled(), time.timers.sleep(draw([2_000, 8_000, 15_000, 30_000]))]);
  remarks(tuner, draw, random);
  stopAnswering();
  await tuner.stop();
  const entries = [...tuner.ledger.read({ session: tuner.history.entry.session })];
  await tuner[Symbol.asyncDispose]();
  return entries;
}

/** The session and parts of it that end anywhere, `count` in all. */
export function cutAnywhere(entries: readonly Entry[], count: number, seed: number): readonly (readonly Entry[])[] {
  const random = randomStream(seed, 'cuts');
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? entries : entries.slice(0, 1 + Math.floor(random() * (entries.length - 1))),
  );
}

function drawnWorld(draw: Draw): WorldSpec {
  const noise = { sigma: draw([0.01, 0.03, 0.1]), tail: 0.08 };
  const size: WorldKnob = {
    id: 'size',
    defaultValue: 1,
    ...draw([{}, { cost: 'per-unit', defaultValue: 4 } as const]),
  };
  const factor = draw([0.5, 0.9, 1, 1.02, 1.6]);
  const rate = draw([300, 10_000]);
  const load = draw([
    { kind: 'closed', inFlight: 64 },
    { kind: 'open', perSecond: 0.7 * rate },
  ] as const);
  return draw<WorldSpec>([
    {
      name: 'batches',
      knobs: [{ id: 'batchSize', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 256 },
      law: batched({ width: 2, perBatchMs: 0.5, perCallMs: 0.05 }),
      noise,
    },
    {
      name: 'concurrency',
      knobs: [{ id: 'concurrency', defaultValue: 2 }],
      load: { kind: 'closed', inFlight: 64 },
      law: scalable({ inFlight: 64, perSecond: 300, contention: 0.02, coherency: 0.001 }),
      noise,
    },
    {
      name: 'size',
      knobs: [size],
      load,
      law: (settings) => ({ perSecond: settings['size'] === size.defaultValue ? rate : rate * factor }),
      noise,
    },
  ]);
}

function drawnOptions(draw: Draw, seed: number): TuneOptions {
  const goal = draw<TuneOptions>([
    { maximize: 'throughput' },
    { maximize: 'goodput', sloMs: 60 },
    { minimize: 'mean' },
  ]);
  return {
    ...goal,
    mode: draw(['observe', 'advise', 'confirm', 'auto', 'auto', 'auto']),
    subjectTo: draw([['errors < 5%'], ['p99 < 5ms'], ['p99 < 60ms', 'errors < 1%'], ['p99 within 10%']]),
    stateDir: ':memory:',
    seed,
    maxDurationMs: draw([2_000, 120_000]),
    expert: {
      windowMs: 100,
      baselineWindows: 8,
      noisePairs: draw([0, 4, 8]),
      minCompletions: draw([20, 50, 80]),
      minGain: draw([0.05, 3]),
      minProbability: draw([0.5, 0.8, 0.9999]),
      holdBackFraction: draw([0, 0.5]),
      restMs: 5_000,
    },
  };
}

function drawnProposals(draw: Draw, { size }: Readonly<Record<string, unknown>>) {
  if (size === undefined) return [];
  return draw<readonly { size: number }[]>([
    [],
    [{ size: 8 }],
    [{ size: 2 }, { size: 16 }],
    [{ size: 1 }, { size: 3 }],
  ]);
}

function answering(tuner: Tuner, answer: 'yes' | 'no' | 'never'): () => void {
  return tuner.watch((entry) => {
    if (answer !== 'never' && entry.kind === 'record' && entry.record.kind === 'ask')
      tuner.answer(entry.record.trial, answer === 'yes');
  });
}

/** What the command and whoever sweeps would add. */
function remarks(tuner: Tuner, draw: Draw, random: () => number): void {
  const { anchor } = tuner;
  const pairs = draw([0, 2, 8, 20]);
  if (pairs > 0) {
    const { estimate, low, high, level } = interval(
      Array.from({ length: pairs }, () => 0.04 * (random() - 0.6)),
      0.02,
      0.05,
    );
    tuner.remark({
      kind: 'overhead',
      fraction: { estimate: -estimate, low: -high, high: -low, level },
      pairs,
      how: 'recording on against off',
    });
  }
  const level = 1_000 * (1 + random());
  const metric = (value: number) => ({ estimate: value, low: 0.98 * value, high: 1.02 * value, level: 0.95 });
  const [knob] = Object.keys(anchor);
  if (knob && draw([true, false, false]))
    tuner.remark({
      kind: 'sweep',
      title: 'measured in turns',
      points: [1, 8].map((value, i) => ({
        settings: { ...anchor, [knob]: value },
        windows: draw([1, 6]),
        metric: metric(level * (1 + i * (random() - 0.5))),
      })),
    });
  if (draw([true, false])) {
    const offered = 1_000 + Math.floor(1e6 * random());
    tuner.remark({ kind: 'accounting', offered, inFlight: 0, outcomes: { ...noOutcomes, ok: offered } });
  }
}
