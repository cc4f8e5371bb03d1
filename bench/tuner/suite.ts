/**
 * How sound decisions are: rates over seeds in simulated worlds, one full trial a seed, against the
 * before/after rule and against never changing anything. Every arm sees the same worlds and seeds.
 */
import { triggers } from '../../tuner/entries/triggers.ts';
import { mean } from '../../tuner/trial/statistics.ts';
import { meanOf, shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Suite, SuiteOptions } from '../suite.ts';
import { falseCommitLimit } from '../worlds/acceptance.ts';
import { bursty, candidateDoes, collecting, costly, drifting, noisy } from '../worlds/arms.ts';
import { trialResults } from '../worlds/run-trial.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';
import { cost } from './cost.ts';
import { coverage } from './coverage.ts';
import { guards } from './guards.ts';
import { level } from './level.ts';
import { missRatio } from './miss-ratio.ts';
import { beforeAfter, type RuleOutcome } from './peers.ts';
import { proven, slow, unknownKnobs } from './proven.ts';
import { real } from './real.ts';
import { runs } from './runs.ts';
import { sessions } from './sessions.ts';
import { shifts } from './shifts.ts';
import { watching } from './watching.ts';

export const tuner: Suite = {
  about: 'decisions in simulated worlds, against before/after and never tuning',
  groups: {
    decisions: {
      about: 'one trial a seed: false commits, harm kept, gains found, windows until decided',
      run: decisions,
    },
    sessions,
    runs,
    proven,
    slow,
    'unknown-knobs': unknownKnobs,
    shifts,
    guards,
    watching,
    level,
    coverage,
    'miss-ratio': missRatio,
    cost,
    real,
  },
};

/** By the name their figures begin with. */
const worlds: Readonly<Record<string, WorldSpec>> = {
  'sigma-6': noisy,
  drift: drifting,
  bursts: bursty,
  'gc-spikes': collecting,
  'transition-costs': costly,
};
/** Candidates of a day: most do nothing, some hurt, few help. */
const effects = [-0.2, -0.1, -0.05, 0, 0, 0, 0.05, 0.1, 0.5];
const never = 'never-tuning';
const rule = 'before-after';

interface Decisions {
  readonly ours: readonly { readonly committed: boolean; readonly windows: number }[];
  readonly rules: readonly RuleOutcome[];
}

async function decisions({ length, seed, progress }: SuiteOptions): Promise<readonly Figure[]> {
  const count = { quick: 30, full: 400, long: 4000 }[length];
  const seeds = Array.from({ length: count }, (_, index) => seed + index);
  const figures: Figure[] = [];
  for (const [name, world] of Object.entries(worlds)) {
    progress(name);
    const byEffect = new Map<number, Decisions>();
    for (const effect of new Set(effects))
      byEffect.set(effect, await decide({ ...world, law: candidateDoes({ effect }) }, seeds));
    figures.push(...figuresOf(name, byEffect, seeds));
  }
  return figures;
}

function figuresOf(
  name: string,
  byEffect: ReadonlyMap<number, Decisions>,
  seeds: readonly number[],
): readonly Figure[] {
  const at = (effect: number): Decisions => byEffect.get(effect) ?? { ours: [], rules: [] };
  const committed = (effect: number) => at(effect).ours.map((one) => one.committed);
  const [nothing, harm, gain] = [at(0), at(-0.05), at(0.05)];
  return [
    {
      name: `${name}.nothing-committed`,
      unit: 'fraction of trials',
      better: 'lower',
      // The level is nominal 1 %; what chance adds to it in so many trials is in the limit.
      targets: [{ op: '<=', value: falseCommitLimit(seeds.length), on: 'value' }],
      ...shareOf(committed(0)),
      peers: { [rule]: share(nothing.rules.map((one) => one.claimsBetter)), [never]: 0 },
    },
    {
      name: `${name}.minus-5-committed`,
      unit: 'fraction of trials',
      better: 'lower',
      targets: [{ op: '<=', value: 0.01 }],
      ...shareOf(committed(-0.05)),
      peers: { [rule]: share(harm.rules.map((one) => one.kept)), [never]: 0 },
    },
    {
      name: `${name}.plus-5-committed`,
      unit: 'fraction of trials',
      better: 'higher',
      targets: [{ op: '>=', value: 0.9 }],
      ...shareOf(committed(0.05)),
      peers: { [rule]: share(gain.rules.map((one) => one.claimsBetter)), [never]: 0 },
    },
    {
      name: `${name}.mean-change-kept`,
      unit: 'fraction',
      better: 'higher',
      targets: [{ op: '>=', value: 1, of: 'best' }],
      ...meanOf(seeds.map((_, index) => mean(effects.map((effect) => (committed(effect)[index] ? effect : 0))))),
      peers: {
        [rule]: mean(effects.flatMap((effect) => at(effect).rules.map((one) => (one.kept ? effect : 0)))),
        [never]: 0,
      },
    },
    {
      name: `${name}.windows-to-decide-plus-5`,
      unit: 'windows',
      better: 'lower',
      ...meanOf(gain.ours.map((one) => one.windows)),
      peers: { [rule]: 2 },
    },
  ];
}

async function decide(world: WorldSpec, seeds: readonly number[]): Promise<Decisions> {
  const ours = (await trialResults(world, {}, seeds)).map(({ trigger, windows }) => ({
    committed: triggers[trigger].keeps === 'gain',
    windows: windows.baseline + windows.candidate,
  }));
  const rules: RuleOutcome[] = [];
  for (const seed of seeds) rules.push(await beforeAfter(createWorld(world, seed)));
  return { ours, rules };
}

function share(flags: readonly boolean[]): number {
  return mean(flags.map(Number));
}
