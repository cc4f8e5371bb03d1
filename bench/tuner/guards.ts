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
import { usualNoise } from '../worlds/catalogue/entry.ts';
import { trialResults } from '../worlds/run-trial.ts';
import type { CommittedRun, CommittedRunOptions } from './committed-run.ts';
import { committedRuns } from './committed-runs.ts';
import { lateMs } from './guard-worlds.ts';

export const guards: Group = {
  about: 'harm that is rare, slow, late or plain: what of it stays and for how long, with each guard and without it',
  run: async (options) => {
    const figures = [
      ...(await offFigures(options)),
      await lateFigure(options),
      await keptFigure('rare_harm_kept_fraction', 0.15, ['harm-rare-8', 'harm-rare-10', 'harm-rare-20'], options),
      await keptFigure('rare_harm_kept_fraction.errors', 0.15, ['harm-errors-40'], options, [undefined]),
      await keptFigure(
        'rare_harm_kept_fraction.large-gains',
        0.15,
        ['harm-large-errors-20', 'harm-large-errors-40'],
        options,
        [undefined],
      ),
      await keptFigure('slow_harm_kept_fraction', 0.1, ['harm-slow-5s', 'harm-slow-20s', 'harm-slow-120s'], options),
      await keptFigure('slow_harm_kept_fraction.2s', 0.1, ['harm-slow-2s'], options, [undefined]),
      await keptFigure('slow_harm_kept_fraction.300s', 0.1, ['harm-slow-300s'], options, [undefined]),
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
/** Runs of `tune()` a world, of which those of what is harmless are short, and trials. */
const seedsOf: Readonly<Record<SuiteLength, Readonly<Record<'runs' | 'harmless' | 'trials', number>>>> = {
  quick: { runs: 3, harmless: 3, trials: 40 },
  full: { runs: 32, harmless: 100, trials: 400 },
  long: { runs: 400, harmless: 1000, trials: 4000 },
};
const candidate: Settings = { concurrency: 16 };
const noHoldBack: ExpertOptions = { holdBackFraction: 0 };

function atMost(value: number): readonly Target[] {
  return [{ op: '<=', value, on: 'value' }];
}

async function runsOf(
  world: string,
  count: number,
  { seed, signal }: SuiteOptions,
  options: Omit<CommittedRunOptions, 'seed'> = {},
): Promise<readonly CommittedRun[]> {
  const jobs = Array.from({ length: count }, (_, i) => ({ world, proposal: candidate, ...options, seed: seed + i }));
  const told = await committedRuns(jobs, { signal });
  return told.filter((run) => run.committed);
}

/** @param goals guardrails on latency see most of such harm before it is committed: without them more is left for the sums */
async function keptFigure(
  name: string,
  target: number,
  worlds: readonly string[],
  options: SuiteOptions,
  goals: readonly (readonly string[] | undefined)[] = [undefined, []],
): Promise<Figure> {
  const { runs } = seedsOf[options.length];
  const kept: boolean[] = [];
  const unguarded: boolean[] = [];
  for (const one of worlds)
    for (const guardrails of goals) {
      const goal = guardrails && { guardrails };
      const committed = await runsOf(one, runs, options, { ...goal });
      // Without a hold-back it is the anchor at once.
      const anchored = await runsOf(one, runs, options, { ...goal, expert: noHoldBack, forMs: 1000 });
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

/** A tenth better for five minutes of the clock, then half as good: when is the default in force again? */
async function lateFigure(options: SuiteOptions): Promise<Figure> {
  const { runs } = seedsOf[options.length];
  const committed = await runsOf('late', runs, options, { harmAtMs: lateMs });
  const left = await runsOf('late', runs, options, { harmAtMs: lateMs, unwatched: true });
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

/** Gains that are as large as they look, of guard-worlds.ts. */
const harmless = ['harmless-10', 'harmless-5'] as const;

async function undoneFigures(options: SuiteOptions): Promise<readonly Figure[]> {
  const undone: boolean[] = [];
  const figures: Figure[] = [];
  for (const world of harmless) {
    const committed = await runsOf(world, seedsOf[options.length].harmless, options, { untilProven: true });
    const proven = committed.flatMap(({ provenS }) => provenS ?? []);
    options.progress(`${world}: ${committed.length - proven.length} of ${committed.length} commits undone`);
    undone.push(...committed.map(({ provenS }) => provenS === null));
    figures.push({
      name: `${world.replace('-', '_seconds_to_proven.')}`,
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
