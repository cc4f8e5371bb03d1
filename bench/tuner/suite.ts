/**
 * How sound decisions are: rates over seeds in simulated worlds, one full trial a seed, against the
 * before/after rule and against never changing anything. Every arm sees the same worlds and seeds.
 */
import { estimated, type Figure, type Suite, type SuiteOptions } from '../suite.ts';
import { runTrial } from '../worlds/run-trial.ts';
import { bursty, collecting, costly, drifting, noisy, type World } from '../worlds/world.ts';
import { beforeAfter } from './peers.ts';

export const tuner: Suite = {
  about:
    'decisions in simulated worlds: false commits, harm kept, gains found; against before/after and fixed defaults',
  run: (options) => Promise.resolve(runTuner(options)),
};

const worlds: readonly World[] = [noisy, drifting, bursty, collecting, costly];
/** Candidates of a day: most do nothing, some hurt, few help. */
const effects = [-0.2, -0.1, -0.05, 0, 0, 0, 0.05, 0.1, 0.5];

interface Decision {
  readonly committed: boolean;
  readonly windows: number;
}

function runTuner({ length, seed, progress }: SuiteOptions): readonly Figure[] {
  const seeds = Array.from({ length: { quick: 30, full: 400, long: 4000 }[length] }, (_, index) => seed + index);
  const inAll = worlds.map((world) => {
    progress(world.name);
    return {
      world,
      byEffect: [...new Set(effects)].map((effect) => ({ effect, ...decide({ ...world, effect }, seeds) })),
    };
  });
  return inAll.flatMap(({ world, byEffect }) => {
    const at = (effect: number) => byEffect.find((one) => one.effect === effect) ?? { ours: [], rule: [] };
    const nothing = at(0);
    const gain = at(0.05);
    const harm = at(-0.05);
    return [
      {
        name: `${world.name}: nothing claimed as a gain`,
        unit: 'fraction of trials',
        better: 'lower',
        target: 0.0182,
        ...estimated(nothing.ours.map((one) => Number(one.committed))),
        peers: { 'before/after': share(nothing.rule.map((one) => one.claimsBetter)), 'fixed defaults': 0 },
      },
      {
        name: `${world.name}: a loss of 5 % kept`,
        unit: 'fraction of trials',
        better: 'lower',
        target: 0.01,
        ...estimated(harm.ours.map((one) => Number(one.committed))),
        peers: { 'before/after': share(harm.rule.map((one) => one.kept)), 'fixed defaults': 0 },
      },
      {
        name: `${world.name}: a gain of 5 % found`,
        unit: 'fraction of trials',
        better: 'higher',
        ...estimated(gain.ours.map((one) => Number(one.committed))),
        peers: { 'before/after': share(gain.rule.map((one) => one.claimsBetter)), 'fixed defaults': 0 },
      },
      {
        name: `${world.name}: mean true change of what is kept`,
        unit: 'fraction',
        better: 'higher',
        ...estimated(effects.flatMap((effect) => at(effect).ours.map((one) => (one.committed ? effect : 0)))),
        peers: {
          'before/after': mean(effects.flatMap((effect) => at(effect).rule.map((one) => (one.kept ? effect : 0)))),
          'fixed defaults': 0,
        },
      },
      {
        name: `${world.name}: windows to decide on +5 %`,
        unit: 'windows',
        better: 'lower',
        ...estimated(gain.ours.map((one) => one.windows)),
        peers: { 'before/after': 2 },
      },
    ] satisfies Figure[];
  });
}

function decide(world: World, seeds: readonly number[]) {
  return {
    ours: seeds.map((seed): Decision => {
      const { result } = runTrial(world, {}, seed);
      return { committed: result.trigger === 'better', windows: result.windows.baseline + result.windows.candidate };
    }),
    rule: seeds.map((seed) => beforeAfter(world, seed)),
  };
}

function share(flags: readonly boolean[]): number {
  return mean(flags.map(Number));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
