/**
 * How often the truth lies inside the intervals of sealed predictions: of predictions that are tried, as those
 * alone are sealed, held against the world's own truth at the moment of sealing. Only worlds held back from
 * development are asked (`held-back.ts`), of those in which a model has something to say.
 */
import type { Interval, Settings } from '../../src/contracts.ts';
import { tune } from '../../tuner/tune.ts';
import { shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { catalogue, makeWorld } from '../worlds/catalogue/catalogue.ts';
import type { CatalogueWorld } from '../worlds/catalogue/entry.ts';
import { isHeldBack } from '../worlds/catalogue/held-back.ts';
import { manualTime } from '../worlds/manual-time.ts';

export const coverage: Group = {
  about: 'sealed predictions in worlds held back from development: how often their intervals hold the truth',
  run: (options) => figures(options),
};

const seedsOf: Readonly<Record<SuiteLength, number>> = { quick: 1, full: 8, long: 50 };
const forMs: Readonly<Record<SuiteLength, number>> = { quick: 200_000, full: 600_000, long: 2_000_000 };
/** Standard normal quantiles: of the level that is sealed, and of the one that is asked too. */
const [z80, z95] = [1.2815515655446004, 1.959963984540054];
const mostOff = 0.05;

interface Sealing {
  readonly model: string;
  readonly gain: Interval;
  /** log(candidate / baseline) of the objective, + is better. */
  readonly truth: number;
}

async function figures(options: SuiteOptions): Promise<readonly Figure[]> {
  const worlds = catalogue.filter(({ name, goal }) => isHeldBack(name) && goal.maximize === 'throughput');
  const asked = options.length === 'quick' ? worlds.slice(0, 5) : worlds;
  const sealings: Sealing[] = [];
  for (const world of asked) {
    const mine: Sealing[] = [];
    for (let i = 0; i < seedsOf[options.length]; i++) {
      options.signal?.throwIfAborted();
      mine.push(...(await sealingsIn(world, options.seed + i, forMs[options.length])));
    }
    const inside = mine.filter((one) => holds(one, z80)).length;
    options.progress(
      `${world.name}: ${inside} of ${mine.length} inside, ${[...new Set(mine.map((one) => one.model))].join(' ')}`,
    );
    sealings.push(...mine);
  }
  return [
    coverageFigure(
      'coverage_80',
      0.8,
      sealings.map((one) => holds(one, z80)),
    ),
    coverageFigure(
      'coverage_95',
      0.95,
      sealings.map((one) => holds(one, z95)),
    ),
  ];
}

function coverageFigure(name: string, level: number, flags: readonly boolean[]): Figure {
  const { value, samples } = shareOf(flags);
  return {
    name: `${name}.off`,
    unit: `share inside (${value.toFixed(3)}) away from ${level}`,
    better: 'lower',
    targets: [{ op: '<=', value: mostOff, on: 'value' }],
    value: Math.abs(value - level),
    samples,
  };
}

function holds({ gain, truth }: Sealing, z: number): boolean {
  const mean = Math.log1p(gain.estimate);
  const sd = (Math.log1p(gain.high) - Math.log1p(gain.low)) / (2 * z80);
  return Math.abs(truth - mean) <= z * sd;
}

async function sealingsIn(one: CatalogueWorld, seed: number, ms: number): Promise<readonly Sealing[]> {
  const world = makeWorld(one, seed);
  const time = manualTime(world);
  const sealings: Sealing[] = [];
  const options = { mode: 'auto', stateDir: ':memory:', ...one.goal, seed, surroundings: time.surroundings } as const;
  await using tuner = tune(world.executor, options);
  const rate = (settings: Settings) => world.truth(settings, time.clock.now()).rate;
  tuner.watch((entry) => {
    if (entry.kind !== 'record' || entry.record.kind !== 'sealed' || entry.record.predicted === null) return;
    const { from, settings, predicted } = entry.record;
    sealings.push({ model: predicted.model, gain: predicted.gain, truth: Math.log(rate(settings) / rate(from)) });
  });
  await time.timers.sleep(ms);
  return sealings;
}
