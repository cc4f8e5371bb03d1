/**
 * Whole runs of the tuner from its start, in a dozen worlds of the catalogue, or in the one that `--world`
 * names: how near the best setting it comes, what the way there costs, and whether all that must hold of a run held.
 */
import { basename } from 'node:path';
import type { GoalWords } from '../../tuner/goal.ts';
import { meanOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { isWorldName, makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { loadWorld } from '../worlds/load-world.ts';
import { type WholeRun, wholeRun } from '../worlds/whole-run.ts';
import type { World } from '../worlds/world.ts';

export const runs: Group = {
  about: 'whole runs in worlds of the catalogue, or in the --world of that name or file',
  run: async (options) => {
    const names = options.world === undefined ? core.slice(0, sizes[options.length].worlds) : [options.world];
    const figures: Figure[] = [];
    for (const name of names) figures.push(...(await figuresIn(name, options)));
    return figures;
  },
};

const core = [
  'pool-mixed',
  'cache-loop',
  'shift-flip',
  'pool-cpu-bound',
  'batching-closed',
  'cache-phases',
  'joint-3',
  'slo-cliff',
  'plateau',
  'slow-60',
  'harm-slow-20s',
  'misfit-tiles',
];

const sizes: Readonly<
  Record<SuiteLength, { readonly worlds: number; readonly seeds: number; readonly forMs: number }>
> = {
  quick: { worlds: 3, seeds: 1, forMs: 300_000 },
  full: { worlds: 12, seeds: 20, forMs: 2_000_000 },
  long: { worlds: 12, seeds: 50, forMs: 2_000_000 },
};
const never = 'never-tuning';

interface Runnable {
  /** Its figures' names begin with it. */
  readonly id: string;
  readonly make: (seed: number) => World;
  readonly goal: (world: World) => GoalWords;
}

async function runnable(name: string): Promise<Runnable> {
  if (isWorldName(name)) {
    const world = worldNamed(name);
    return { id: world.name, make: (seed) => makeWorld(world, seed), goal: () => world.goal };
  }
  const id = basename(name)
    .replace(/\.[cm]?[jt]s$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return {
    id: id === '' ? 'world' : id,
    make: await loadWorld(name),
    goal: ({ executor }) => (executor.load === 'open' ? { minimize: 'mean' } : { maximize: 'throughput' }),
  };
}

async function figuresIn(name: string, { length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const { id, make, goal } = await runnable(name);
  const { seeds, forMs } = sizes[length];
  progress(`${seeds} runs in ${id}`);
  const told: WholeRun[] = [];
  for (let i = 0; i < seeds; i++) {
    signal?.throwIfAborted();
    const world = make(seed + i);
    told.push(await wholeRun(world, { goal: goal(world), seed: seed + i, forMs }));
  }
  for (const line of new Set(told.flatMap(({ broken }) => broken))) progress(`${id}: ${line}`);
  const mean = (value: (run: WholeRun) => number) => meanOf(told.map(value));
  return [
    {
      name: `${id}.final-third-of-best`,
      unit: 'fraction of the best setting',
      better: 'higher',
      ...mean(({ finalThird }) => finalThird.ofBest),
      peers: { [never]: mean(({ finalThird }) => finalThird.defaultOfBest).value },
    },
    {
      name: `${id}.whole-run-of-best`,
      unit: 'fraction of the best setting',
      better: 'higher',
      ...mean(({ whole }) => whole.ofBest),
      peers: { [never]: mean(({ whole }) => whole.defaultOfBest).value },
    },
    {
      name: `${id}.exposed`,
      unit: 'fraction of the time',
      better: 'lower',
      ...mean(({ whole }) => whole.exposed),
      peers: { [never]: 0 },
    },
    {
      name: `${id}.broken-runs`,
      unit: 'runs in which something did not hold',
      better: 'lower',
      targets: [{ op: '<=', value: 0, on: 'value' }],
      value: told.filter(({ broken }) => broken.length > 0).length,
      samples: seeds,
    },
  ];
}
