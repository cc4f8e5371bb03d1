/**
 * How often the truth lies inside the intervals of sealed predictions: of predictions that are tried, as those
 * alone are sealed, held against the world's own truth at the moment of sealing. Only worlds held back from
 * development are asked (`held-back.ts`), of those in which a model has something to say.
 *
 * The truth is what calls get once the setting stays, its rare bad windows weighed in and what builds up built up, which
 * is what a user is promised; what a trial measures in turns is another number where either is large.
 * What a setting is worth once its harm has built up, or with its rare bad windows, cannot be seen by whoever predicts,
 * which is what worlds of that kind are for: the same figures stand without them as well.
 */
import { shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { catalogue } from '../worlds/catalogue/catalogue.ts';
import { isHeldBack } from '../worlds/catalogue/held-back.ts';
import { type Sealing, sealingsOf } from './sealings.ts';

export const coverage: Group = {
  about: 'sealed predictions in worlds held back from development: how often their intervals hold the truth',
  run: (options) => figures(options),
};

const seedsOf: Readonly<Record<SuiteLength, number>> = { quick: 1, full: 8, long: 50 };
const forMs: Readonly<Record<SuiteLength, number>> = { quick: 200_000, full: 600_000, long: 2_000_000 };
/** Standard normal quantiles: of the level that is sealed, and of the one that is asked too. */
const [z80, z95] = [1.2815515655446004, 1.959963984540054];
const mostOff = 0.05;

async function figures(options: SuiteOptions): Promise<readonly Figure[]> {
  const worlds = catalogue.filter(({ name, goal }) => isHeldBack(name) && goal.maximize === 'throughput');
  const asked = options.length === 'quick' ? worlds.slice(0, 5) : worlds;
  const jobs = asked.flatMap(({ name }) =>
    Array.from({ length: seedsOf[options.length] }, (_, i) => ({
      world: name,
      seed: options.seed + i,
      forMs: forMs[options.length],
    })),
  );
  const told = await sealingsOf(jobs, { signal: options.signal });
  const sealings: Sealing[] = [];
  const open: Sealing[] = [];
  for (const world of asked) {
    const mine = told.flatMap((some, i) => (jobs[i]?.world === world.name ? some : []));
    const inside = mine.filter((one) => holds(one, z80)).length;
    options.progress(
      `${world.name}: ${inside} of ${mine.length} inside, ${[...new Set(mine.map((one) => one.model))].join(' ')}`,
    );
    sealings.push(...mine);
    if (world.kind !== 'harm') open.push(...mine);
  }
  const flags = (of: readonly Sealing[], z: number) => of.map((one) => holds(one, z));
  return [
    coverageFigure('coverage_80', 0.8, flags(sealings, z80)),
    coverageFigure('coverage_95', 0.95, flags(sealings, z95)),
    coverageFigure('coverage_80.harms-apart', 0.8, flags(open, z80)),
    coverageFigure('coverage_95.harms-apart', 0.95, flags(open, z95)),
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
