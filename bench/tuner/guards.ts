/**
 * What the guards let pass, and what they cost. Each figure is also measured with its guard disabled, and must then
 * miss its target: a figure that holds without its guard says nothing of the guard.
 *
 *   commits that look better than they are: in the sum of all calls, once they stay, or some time later
 *   commits that are as good as they look: the price
 *   candidates that plainly hurt: windows until they are off
 */
import type { Settings } from '../../src/contracts.ts';
import type { TrialDesign } from '../../tuner/entries/entries.ts';
import type { ExpertOptions } from '../../tuner/expert-options.ts';
import { meanOf, quantile, shareOf } from '../estimate.ts';
import type { Figure, Target } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { candidateDoes, quiet } from '../worlds/arms.ts';
import { makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { numberKnob, usualNoise } from '../worlds/catalogue/entry.ts';
import { trialResults } from '../worlds/run-trial.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';
import type { World } from '../worlds/world.ts';
import { type CommittedRun, type CommittedRunOptions, committedRun } from './committed-run.ts';

export const guards: Group = {
  about: 'harm that is rare, slow, late or plain: what of it stays and for how long, with each guard and without it',
  run: async (options) => {
    const figures = [
      ...(await offFigures(options)),
      await lateFigure(options),
      await keptFigure('rare_harm_kept_fraction', 0.15, ['harm-rare-8', 'harm-rare-10', 'harm-rare-20'], options),
      await keptFigure('slow_harm_kept_fraction', 0.1, ['harm-slow-5s', 'harm-slow-20s', 'harm-slow-120s'], options),
    ];
    const told = figures.filter(({ peers }) => peers?.[without] !== undefined);
    return [
      ...figures,
      {
        name: 'guards_that_are_needed_fraction',
        unit: 'of the figures above, which miss their targets without their guards',
        better: 'higher',
        targets: [{ op: '>=', value: 1, on: 'value' }],
        ...shareOf(
          told.map(
            (one) => one.targets?.some(({ op, value }) => op === '<=' && (one.peers?.[without] ?? 0) > value) ?? false,
          ),
        ),
      },
      ...(await undoneFigures(options)),
    ];
  },
};

const without = 'without-the-guard';
/** Runs of `tune()` a world, and trials. */
const seedsOf: Readonly<Record<SuiteLength, { readonly runs: number; readonly trials: number }>> = {
  quick: { runs: 3, trials: 40 },
  full: { runs: 32, trials: 400 },
  long: { runs: 400, trials: 4000 },
};
const candidate: Settings = { concurrency: 16 };
const noHoldBack: ExpertOptions = { holdBackFraction: 0 };

function atMost(value: number): readonly Target[] {
  return [{ op: '<=', value, on: 'value' }];
}

async function runsOf(
  make: (seed: number) => World,
  count: number,
  { seed, signal }: SuiteOptions,
  options: Omit<CommittedRunOptions, 'seed'> = {},
): Promise<readonly CommittedRun[]> {
  const told: CommittedRun[] = [];
  for (let i = 0; i < count; i++) {
    signal?.throwIfAborted();
    told.push(await committedRun(make(seed + i), candidate, { ...options, seed: seed + i }));
  }
  return told.filter((run) => run.committed);
}

async function keptFigure(
  name: string,
  target: number,
  worlds: readonly string[],
  options: SuiteOptions,
): Promise<Figure> {
  const { runs } = seedsOf[options.length];
  const kept: boolean[] = [];
  const unguarded: boolean[] = [];
  // Guardrails on latency see most of such harm before it is committed: without them more is left for the sums.
  for (const one of worlds)
    for (const guardrails of [undefined, []]) {
      const make = (seed: number) => makeWorld(worldNamed(one), seed);
      const goal = guardrails && { guardrails };
      const committed = await runsOf(make, runs, options, { ...goal });
      // Without a hold-back it is the anchor at once.
      const anchored = await runsOf(make, runs, options, { ...goal, expert: noHoldBack, forMs: 1000 });
      const keptOf = committed.filter((run) => run.kept).length;
      options.progress(`${one}${guardrails ? ', no guardrails' : ''}: ${keptOf} of ${committed.length} commits kept`);
      kept.push(...committed.map((run) => run.kept));
      unguarded.push(...anchored.map((run) => run.kept));
    }
  return {
    name,
    unit: 'of the commits',
    better: 'lower',
    targets: atMost(target),
    ...shareOf(kept),
    peers: { [without]: shareOf(unguarded).value },
  };
}

const lateMs = 300_000;

/** A tenth better for five minutes of the clock, then half as good: when is the default in force again? */
async function lateFigure(options: SuiteOptions): Promise<Figure> {
  const { runs } = seedsOf[options.length];
  const world: WorldSpec = {
    ...plain('late', (atMs) => (atMs < lateMs ? 1.1 : 0.5)),
    changes: (afterMs) => (afterMs < lateMs ? lateMs : Infinity),
  };
  const make = (seed: number) => createWorld(world, seed);
  const committed = await runsOf(make, runs, options, { harmAtMs: lateMs });
  const left = await runsOf(make, runs, options, { harmAtMs: lateMs, unwatched: true });
  const seconds = (told: readonly CommittedRun[]) => told.flatMap(({ offS }) => offS ?? []);
  options.progress(
    `late: ${seconds(committed)
      .map((one) => one.toFixed(0))
      .join(' ')} s`,
  );
  return {
    name: 'late_minus50_seconds_to_off_median',
    unit: 's since it turned bad',
    better: 'lower',
    targets: atMost(60),
    value: quantile(seconds(committed), 0.5),
    samples: committed.length,
    peers: { [without]: quantile(seconds(left), 0.5) },
  };
}

/** Windows of a candidate that plainly hurts, ramp included, until it is off. */
async function offFigures({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const seeds = Array.from({ length: seedsOf[length].trials }, (_, i) => seed + i);
  const figures: Figure[] = [];
  for (const { percent, target, disabled } of [
    { percent: 20, target: 4, disabled: { breakers: false } },
    { percent: 10, target: 20, disabled: { breakers: false, engine: false } },
  ] as const) {
    signal?.throwIfAborted();
    progress(`−${percent} %`);
    const world = { ...quiet, noise: usualNoise, law: candidateDoes({ effect: -percent / 100 }) };
    const windowsWith = async (design: Partial<TrialDesign>) =>
      (await trialResults(world, design, seeds)).map(({ windows }) => windows.candidate);
    const windows = await windowsWith({});
    figures.push({
      name: `minus${percent}_windows_to_off_p90`,
      unit: 'windows of the candidate',
      better: 'lower',
      targets: atMost(target),
      value: quantile(windows, 0.9),
      samples: windows.length,
      peers: { [without]: quantile(await windowsWith(disabled), 0.9) },
    });
  }
  return figures;
}

/** Gains that are as large as they look. */
const gains = [0.1, 0.05] as const;
const hourMs = 3_600_000;

async function undoneFigures(options: SuiteOptions): Promise<readonly Figure[]> {
  const undone: boolean[] = [];
  const figures: Figure[] = [];
  for (const gain of gains) {
    const committed = await runsOf((seed) => createWorld(harmless(gain), seed), seedsOf[options.length].runs, options);
    const proven = committed.flatMap(({ provenS }) => provenS ?? []);
    options.progress(`a gain of ${gain}: ${committed.length - proven.length} of ${committed.length} commits undone`);
    undone.push(...committed.map(({ provenS }) => provenS === null));
    figures.push({
      name: `harmless_seconds_to_proven.${Math.round(100 * gain)}`,
      unit: 's since the proposal',
      better: 'lower',
      ...meanOf(proven),
    });
  }
  return [
    {
      name: 'harmless_commit_undone_fraction',
      unit: 'of the commits',
      better: 'lower',
      targets: atMost(0.02),
      ...shareOf(undone),
    },
    ...figures,
  ];
}

/** A tenth up and down an hour, and one window in 20 in which either setting loses three tenths. */
function harmless(gain: number): WorldSpec {
  return {
    ...plain(
      `harmless ${gain}`,
      () => 1 + gain,
      (atMs) => 1 + 0.1 * Math.sin((2 * Math.PI * atMs) / hourMs),
    ),
    strikes: [
      {
        oneIn: 20,
        forMs: 550,
        from: 'flip',
        does: (service) => ({ ...service, perSecond: 0.7 * service.perSecond }),
      },
    ],
  };
}

/** @param factor what the candidate's rate is of the other's @param both what both settings' rate is of the usual */
function plain(name: string, factor: (atMs: number) => number, both: (atMs: number) => number = () => 1): WorldSpec {
  return {
    name,
    knobs: [numberKnob('concurrency', 8, { unit: 'calls', cost: 'per-unit' })],
    load: { kind: 'closed', inFlight: 64 },
    law: ({ concurrency }, atMs) => ({ perSecond: 2000 * both(atMs) * (Number(concurrency) >= 16 ? factor(atMs) : 1) }),
    noise: usualNoise,
  };
}
