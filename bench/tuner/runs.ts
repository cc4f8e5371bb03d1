/**
 * Whole runs from the start, ours and each peer's, in the twelve core worlds, or in the one that `--world`
 * names: how near the best setting each comes, what the way there costs, and whether all that must hold of a run held.
 */
import { systemClock } from '../../src/foundation/clock.ts';
import { mean } from '../../tuner/trial/statistics.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { bootstrapped, byWorld } from './bootstrap.ts';
import { type Lap, ours } from './lap.ts';
import { type LapJob, runLaps } from './laps.ts';
import { hillClimbing } from './peers/hill-climbing.ts';
import { optunaName } from './peers/optuna.ts';
import { peers } from './peers/peers.ts';
import { pythonWith } from './peers/python.ts';
import {
  isNull,
  isWorst,
  type Laps,
  meanIn,
  type Part,
  peersAhead,
  peersIn,
  regretOf,
  where,
  worthIn,
} from './reading.ts';
import { worldSource } from './world-source.ts';

export const runs: Group = {
  about: 'whole runs of ours and each peer in twelve worlds, or in the --world of that name or file',
  run: async (options) => {
    const { worlds } = sizes[options.length];
    const told = await lapsOf(options.world === undefined ? core.slice(0, worlds) : [options.world], options);
    options.keep?.(told);
    const laps = byWorld(told);
    return [...(options.world === undefined ? acrossWorlds(laps) : []), ...[...laps].flatMap(inWorld)];
  },
};

/** One of each kind that a run can tell apart, the quickest first. */
const core = [
  'pool-mixed',
  'cache-loop',
  'shift-step',
  'joint-3',
  'batching-closed',
  'plateau',
  'slo-cliff',
  'misfit-tiles',
  'joint-5',
  'shift-flip',
  'null-drifting',
  'harm-rare-10',
] as const;

interface Size {
  readonly worlds: number;
  readonly seeds: number;
  readonly forMs: number;
  /** Peers that take long to compute run on one seed of so many. */
  readonly slowEvery: number;
}

const sizes: Readonly<Record<SuiteLength, Size>> = {
  quick: { worlds: 4, seeds: 1, forMs: 300_000, slowEvery: 1 },
  full: { worlds: core.length, seeds: 20, forMs: 2_000_000, slowEvery: 2 },
  long: { worlds: core.length, seeds: 50, forMs: 2_000_000, slowEvery: 1 },
};

const slowPeers: readonly string[] = [hillClimbing.name, optunaName];
const never = 'never-tuning';
const bestStatic = 'best-static';

async function lapsOf(
  worlds: readonly string[],
  { length, seed, progress, signal, leaveOut, seeds = sizes[length].seeds }: SuiteOptions,
): Promise<readonly Lap[]> {
  // What a file or a name has wrong with it is said before any thread is started.
  for (const world of worlds) await worldSource(world);
  const { forMs, slowEvery } = sizes[length];
  const python = await pythonWith('optuna');
  if (python === null) {
    progress('Optuna is not installed: apt-get install python3-optuna');
    leaveOut?.(optunaName, 'not installed');
  }
  const names = [...peers.map(({ name }) => name), ...(python === null ? [] : [optunaName])];
  const jobs = Array.from({ length: seeds }, (_, i) =>
    worlds.map((world): LapJob => {
      const rules = names.filter((name) => i % slowEvery === 0 || !slowPeers.includes(name));
      return { world, seed: seed + i, forMs, rules, python };
    }),
  ).flat();
  const startMs = systemClock.now();
  let count = 0;
  return await runLaps(jobs, {
    signal,
    done: ({ world, seed: at, runs: told }) => {
      for (const line of told[ours]?.broken ?? []) progress(`${world}, seed ${at}: ${line}`);
      count++;
      if (count % 12 === 0) {
        const seconds = Math.round((systemClock.now() - startMs) / 1000);
        progress(`${count} of ${jobs.length} laps, ${seconds} s`);
      }
    },
  });
}

/** The figures that the whole suite is judged by. */
function acrossWorlds(laps: Laps): readonly Figure[] {
  const oneKnob = where(laps, ([first]) => first?.knobs === 1);
  const joint = where(laps, ([first]) => (first?.knobs ?? 0) > 1);
  const withGain = where(laps, (one) => !isNull(one));
  const lowest = (part: Part) => (some: Laps) =>
    Math.min(...[...some.values()].map((one) => worthIn(one, ours, 'ofDefault', part) - 1));
  return [
    regretFigure('regret_one_knob', oneKnob, 0.05),
    regretFigure('regret_joint', joint, 0.12),
    {
      name: 'worlds_won_fraction',
      unit: 'of the worlds with something to win',
      better: 'higher',
      targets: [{ op: '>=', value: 0.8 }],
      ...bootstrapped(withGain, (some) => mean([...some.values()].map((one) => Number(peersAhead(one).length === 0)))),
    },
    {
      name: 'worlds_worst_count',
      unit: 'worlds',
      better: 'lower',
      targets: [{ op: '<=', value: 0 }],
      ...bootstrapped(withGain, (some) => [...some.values()].filter(isWorst).length),
    },
    {
      name: 'exposure_fraction',
      unit: 'of the time below 95 % of the default',
      better: 'lower',
      targets: [{ op: '<=', value: 0.01 }],
      ...bootstrapped(laps, exposureOf(ours)),
      peers: perPeer(laps, (peer) => exposureOf(peer)(laps)),
    },
    {
      name: 'worst_world_whole_run',
      unit: 'over never tuning, as a fraction',
      better: 'higher',
      targets: [{ op: '>=', value: -0.01 }],
      ...bootstrapped(laps, lowest('whole')),
    },
    {
      name: 'worst_world_final_third',
      unit: 'over never tuning, as a fraction',
      better: 'higher',
      targets: [{ op: '>=', value: -0.005 }],
      ...bootstrapped(laps, lowest('finalThird')),
    },
  ];
}

function regretFigure(name: string, laps: Laps, target: number): Figure {
  return {
    name,
    unit: 'of the best at each moment, lost',
    better: 'lower',
    targets: [{ op: '<=', value: target }],
    ...bootstrapped(laps, (some) => regretOf(some, ours)),
    peers: perPeer(laps, (peer) => regretOf(laps, peer)),
    oracles: {
      [never]: mean([...laps.values()].map((one) => 1 - worthIn(one, ours, 'defaultOfBest'))),
      [bestStatic]: mean([...laps.values()].map((one) => 1 - worthIn(one, ours, 'staticOfBest'))),
    },
  };
}

function exposureOf(rule: string): (laps: Laps) => number {
  return (laps) => mean([...laps.values()].flat().flatMap(({ runs: told }) => told[rule]?.whole.exposed ?? []));
}

function perPeer(laps: Laps, value: (peer: string) => number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    peersIn(laps)
      .map((peer) => [peer, value(peer)] as const)
      .filter(([, one]) => Number.isFinite(one)),
  );
}

function inWorld([world, laps]: readonly [string, readonly Lap[]]): readonly Figure[] {
  const alone: Laps = new Map([[world, laps]]);
  const ofBest = (part: Part): Pick<Figure, 'value' | 'samples' | 'ci95' | 'peers' | 'oracles'> => ({
    ...bootstrapped(alone, (some) => worthIn(some.get(world) ?? [], ours, 'ofBest', part)),
    peers: perPeer(alone, (peer) => worthIn(laps, peer, 'ofBest', part)),
    oracles: {
      [never]: worthIn(laps, ours, 'defaultOfBest', part),
      [bestStatic]: worthIn(laps, ours, 'staticOfBest', part),
    },
  });
  return [
    { name: `${world}.whole_run_of_best`, unit: 'of the best at each moment', better: 'higher', ...ofBest('whole') },
    {
      name: `${world}.final_third_of_best`,
      unit: 'of the best at each moment',
      better: 'higher',
      ...ofBest('finalThird'),
    },
    {
      name: `${world}.exposure`,
      unit: 'of the time below 95 % of the default',
      better: 'lower',
      ...bootstrapped(alone, exposureOf(ours)),
      peers: perPeer(alone, (peer) => meanIn(laps, peer, (run) => run.whole.exposed)),
    },
    {
      name: `${world}.broken_runs`,
      unit: 'runs in which something did not hold',
      better: 'lower',
      targets: [{ op: '<=', value: 0, on: 'value' }],
      value: laps.filter(({ runs: told }) => (told[ours]?.broken.length ?? 0) > 0).length,
      samples: laps.length,
    },
  ];
}
