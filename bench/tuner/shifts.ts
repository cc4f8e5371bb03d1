/**
 * Worlds whose best setting moves: whether following it was worth more than the best setting that never
 * moves, known in hindsight, and how soon the new best was in force again.
 */
import { mean } from '../../tuner/trial/statistics.ts';
import { quantile } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { bootstrapped, byWorld } from './bootstrap.ts';
import { type Lap, ours } from './lap.ts';
import { runLaps } from './laps.ts';
import { type Laps, meanIn, where, worthIn } from './reading.ts';

const worlds = [
  'shift-step',
  'shift-flip',
  'shift-cpus',
  'cache-phases',
  'shift-load',
  'shift-ramp',
  'shift-at-cadence',
];
const forMs = 2_000_000;
const counts: Readonly<Record<SuiteLength, { readonly seeds: number; readonly worlds: number }>> = {
  quick: { seeds: 1, worlds: 2 },
  full: { seeds: 20, worlds: worlds.length },
  long: { seeds: 50, worlds: worlds.length },
};
/** Regimes as long as this can be followed, and where the best of each is so much better, it is worth it. */
const followed = { leastS: 300, gain: 1.1 } as const;

export const shifts: Group = {
  about: 'worlds whose best setting moves: against the best static setting in hindsight, and how soon ours follows',
  run: async (options) => figuresOf(byWorld(await lapsOf(options)), options.progress),
};

async function lapsOf({ length, seed, seeds = counts[length].seeds, signal, progress }: SuiteOptions) {
  const jobs = Array.from({ length: seeds }, (_, i) =>
    worlds.slice(0, counts[length].worlds).map((world) => ({ world, seed: seed + i, forMs, rules: [], python: null })),
  ).flat();
  return await runLaps(jobs, { signal, done: (lap) => progress(`${lap.world}, seed ${lap.seed}`) });
}

function figuresOf(laps: Laps, progress: SuiteOptions['progress']): readonly Figure[] {
  const worthwhile = where(laps, isWorthwhile);
  const others = where(laps, (one) => !isWorthwhile(one));
  progress(`worth following: ${[...worthwhile.keys()].join(', ') || 'none'}`);
  return [
    {
      ...againstStatic('shifting_against_best_static', worthwhile, (shares) => Math.min(...shares)),
      targets: [{ op: '>=', value: 1 }],
    },
    {
      ...againstStatic('shifting_against_best_static.better_half', worthwhile, (shares) => quantile(shares, 0.5)),
      targets: [{ op: '>=', value: 1.05 }],
    },
    {
      ...againstStatic('shifting_against_best_static.others', others, (shares) => Math.min(...shares)),
      targets: [{ op: '>=', value: 0.95 }],
    },
    {
      name: 'readapt_seconds_median',
      unit: 's after a shift until 95 % of the new best',
      better: 'lower',
      targets: [{ op: '<=', value: 60 }],
      ...bootstrapped(laps, (some) => quantile([...some.values()].flat().flatMap(readapted), 0.5)),
    },
    ...[...laps].map(([world, one]) =>
      againstStatic(`${world}.against_best_static`, new Map([[world, one]]), (shares) => mean(shares)),
    ),
  ];
}

function againstStatic(name: string, laps: Laps, over: (shares: readonly number[]) => number): Figure {
  return {
    name,
    unit: 'of the best static setting in hindsight',
    better: 'higher',
    ...bootstrapped(laps, (some) => (some.size === 0 ? Number.NaN : over([...some.values()].map(shareOf)))),
  };
}

function shareOf(laps: readonly Lap[]): number {
  return worthIn(laps, ours, 'ofBest') / worthIn(laps, ours, 'staticOfBest');
}

function isWorthwhile(laps: readonly Lap[]): boolean {
  return (
    meanIn(laps, ours, ({ regimeS }) => regimeS) >= followed.leastS &&
    worthIn(laps, ours, 'staticOfBest') <= 1 / followed.gain
  );
}

function readapted({ runs }: Lap): readonly number[] {
  return runs[ours]?.readaptedS ?? [];
}
