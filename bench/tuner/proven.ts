/**
 * How soon a setting that is nearly the best is *proven*: its hold-back ended and it is the anchor. Every second
 * since `tune()` counts, and a run without counts as a whole one. Groups for worlds of one knob and of several, of few
 * calls, and of knobs that no model knows.
 */
import { messageOf } from '../../src/foundation/errors.ts';
import { mean } from '../../tuner/trial/statistics.ts';
import { ourPackage } from '../arms/remote-arm.ts';
import { quantile } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { type ByWorld, bootstrapped, byWorld } from './bootstrap.ts';
import { type Lap, ours } from './lap.ts';
import { runLaps } from './laps.ts';
import { optunaName } from './peers/optuna.ts';
import { pythonWith } from './peers/python.ts';
import { type ProvenRun, provenRuns } from './proven-runs.ts';

const oneKnob = ['cache-loop', 'cache-zipf', 'batching-closed', 'plateau', 'slo-cliff', 'misfit-tiles', 'shift-cpus'];
const joint = ['joint-3', 'joint-5', 'joint-8'];
const unknown = ['unknown-number', 'unknown-switch', 'unknown-choice', 'unknown-several'];
const usualMs = 2_000_000;
const slowMs = 4_000_000;

const counts: Readonly<Record<SuiteLength, number>> = { quick: 1, full: 20, long: 50 };

export const proven: Group = {
  about: 'seconds and trials until a setting that is nearly the best is proven, one knob and several',
  run: async (options) => [...(await oneKnobFigures(options)), ...(await jointFigures(options))],
};

export const slow: Group = {
  about: 'the same at 20 and at 100 calls a second, at the shipped defaults',
  run: async (options) => {
    const figures: Figure[] = [];
    for (const [perSecond, target] of [
      [20, 1800],
      [100, 450],
    ] as const) {
      const runs = byWorld(await runsIn([`slow-${perSecond}`], options, slowMs));
      figures.push(secondsFigure(`seconds_to_proven_95_slow_median.${perSecond}`, runs, 0.5, target));
    }
    return figures;
  },
};

export const unknownKnobs: Group = {
  about: 'knobs that no model knows: how near the best setting the anchor comes, and how soon',
  run: async (options) => {
    const runs = byWorld(await runsIn(unknown, options, usualMs));
    return [
      {
        name: 'unknown_knob_fraction_of_best',
        unit: 'of the best setting',
        better: 'higher',
        targets: [{ op: '>=', value: 0.95 }],
        ...bootstrapped(runs, (some) => mean(flat(some).map(({ ofBest }) => ofBest))),
      },
      secondsFigure('unknown_knob_seconds_to_proven_95_median', runs, 0.5),
      ...[...runs].map(([world, one]): Figure => {
        const alone = new Map([[world, one]]);
        return {
          name: `${world}.fraction_of_best`,
          unit: 'of the best setting',
          better: 'higher',
          ...bootstrapped(alone, (some) => mean(flat(some).map(({ ofBest }) => ofBest))),
        };
      }),
    ];
  },
};

async function runsIn(
  worlds: readonly string[],
  options: SuiteOptions,
  forMs: number,
  location = ourPackage,
): Promise<readonly ProvenRun[]> {
  const { signal, progress } = options;
  const runs = await provenRuns({ worlds, seeds: seedsOf(options), forMs, package: location, signal });
  for (const [world, one] of byWorld(runs)) {
    const seconds = one.map((run) => (run.proven ? String(run.seconds) : `none in ${run.seconds}`));
    progress(`${world}: proven after ${seconds.join(', ')} s`);
  }
  return runs;
}

function seedsOf({ length, seed, seeds = counts[length] }: SuiteOptions): readonly number[] {
  return Array.from({ length: seeds }, (_, i) => seed + i);
}

async function oneKnobFigures(options: SuiteOptions): Promise<readonly Figure[]> {
  const { length, reference, leaveOut } = options;
  const worlds = length === 'quick' ? oneKnob.slice(0, 3) : oneKnob;
  const own = byWorld(await runsIn(worlds, options, usualMs));
  const median = 'seconds_to_proven_95_one_knob_median';
  const theirs = reference
    ? await runsIn(worlds, options, usualMs, reference.package).catch((error: unknown) => messageOf(error))
    : null;
  if (typeof theirs === 'string') leaveOut?.(median, theirs);
  const first = secondsFigure(median, own, 0.5, 30);
  return [
    reference && theirs !== null && typeof theirs !== 'string'
      ? againstThem(first, own, byWorld(theirs), reference.name)
      : first,
    secondsFigure('seconds_to_proven_95_one_knob_p90', own, 0.9, 90),
    {
      name: 'trials_to_95_one_knob_median',
      unit: 'trials of a candidate',
      better: 'lower',
      targets: [{ op: '<=', value: 2 }],
      ...bootstrapped(own, (some) =>
        quantile(
          flat(some).map(({ trials }) => trials),
          0.5,
        ),
      ),
    },
    provenShare('proven_95_one_knob_fraction', own),
  ];
}

/** Half of their seconds, in the same worlds and seeds. */
function againstThem(figure: Figure, own: ByWorld<ProvenRun>, theirs: ByWorld<ProvenRun>, name: string): Figure {
  const pairs = new Map(
    [...own].map(([world, runs]) => [
      world,
      runs.map((run, i) => ({ own: run.seconds, their: theirs.get(world)?.[i]?.seconds ?? Number.NaN })),
    ]),
  );
  const medianOf = (some: typeof pairs, which: 'own' | 'their') =>
    quantile(
      [...some.values()].flat().map((pair) => pair[which]),
      0.5,
    );
  return {
    ...figure,
    targets: [...(figure.targets ?? []), { op: '<=', value: 0.5, of: name }],
    peers: { [name]: medianOf(pairs, 'their') },
    ratios: {
      [name]: bootstrapped(
        pairs,
        (some) => medianOf(new Map(some) as typeof pairs, 'own') / medianOf(new Map(some) as typeof pairs, 'their'),
      ),
    },
  };
}

/** Ours and Optuna in the same worlds; an Optuna trial is one setting tried, and so are our trials and probes. */
async function jointFigures(options: SuiteOptions): Promise<readonly Figure[]> {
  const { length, progress, signal } = options;
  const python = await pythonWith('optuna');
  if (python === null) progress('Optuna is not installed: apt-get install python3-optuna');
  const rules = python === null ? [] : [optunaName];
  const jobs = seedsOf(options).flatMap((seed) =>
    (length === 'quick' ? joint.slice(0, 1) : joint).map((world) => ({ world, seed, forMs: usualMs, rules, python })),
  );
  const laps = byWorld(await runLaps(jobs, { signal, done: ({ world, seed }) => progress(`${world}, seed ${seed}`) }));
  const tried = (some: ByWorld<Lap>) => quantile(flat(some).map(triedByOurs), 0.5);
  const theirTried = (some: ByWorld<Lap>) => quantile(flat(some).map(triedByOptuna), 0.5);
  return [
    {
      name: 'seconds_to_proven_95_joint_median',
      unit: 's since tune()',
      better: 'lower',
      targets: [{ op: '<=', value: 400 }],
      ...bootstrapped(laps, (some) =>
        quantile(
          flat(some).map(({ runs }) => runs[ours]?.proven?.seconds ?? usualMs / 1000),
          0.5,
        ),
      ),
    },
    {
      name: 'trials_to_95_joint_median',
      unit: 'settings tried in trials and probes',
      better: 'lower',
      ...bootstrapped(laps, tried),
      ...(python !== null && {
        targets: [{ op: '<=', value: 0.5, of: optunaName }],
        peers: { [optunaName]: theirTried(laps) },
        ratios: { [optunaName]: bootstrapped(laps, (some) => tried(some) / theirTried(some)) },
      }),
    },
    provenShare(
      'proven_95_joint_fraction',
      new Map(
        [...laps].map(([world, some]) => [world, some.map(({ runs }) => ({ proven: Boolean(runs[ours]?.proven) }))]),
      ),
    ),
  ];
}

/** A run that proved none counts as if it had tried as many as Optuna does in all. */
const triedAtMost = 100;

function triedByOurs({ runs }: Lap): number {
  const found = runs[ours]?.proven;
  return found ? found.trials + found.probes : triedAtMost;
}

function triedByOptuna({ runs }: Lap): number {
  return runs[optunaName]?.triedToNearly ?? triedAtMost;
}

function secondsFigure(name: string, runs: ByWorld<ProvenRun>, at: number, target?: number): Figure {
  return {
    name,
    unit: 's since tune()',
    better: 'lower',
    ...(target !== undefined && { targets: [{ op: '<=', value: target }] as const }),
    ...bootstrapped(runs, (some) =>
      quantile(
        flat(some).map(({ seconds }) => seconds),
        at,
      ),
    ),
  };
}

function provenShare(name: string, runs: ByWorld<{ readonly proven: boolean }>): Figure {
  return {
    name,
    unit: 'of the runs',
    better: 'higher',
    ...bootstrapped(runs, (some) => mean(flat(some).map((run) => Number(run.proven)))),
  };
}

function flat<T>(measured: ByWorld<T>): readonly T[] {
  return [...measured.values()].flat();
}
