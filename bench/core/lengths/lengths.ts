/**
 * The call path over calls of 1 µs to 1 ms: from which length on a pool is worth it, how much of the CPU that it takes
 * is the guest's, and what a second worker adds. Each arm in a process of its own, in turns.
 */

import { mean } from '../../../tuner/trial/statistics.ts';
import { openRemoteArm, ourPackage } from '../../arms/remote-arm.ts';
import { type Arms, Comparison } from '../../compare.ts';
import { meanOf } from '../../estimate.ts';
import type { Estimate, Figure } from '../../figure.ts';
import { ratioOf } from '../../ratio.ts';
import type { Group, SuiteLength, SuiteOptions } from '../../suite.ts';
import { alone, curved } from '../alike/workloads.ts';
import { guestBytes } from '../guest.ts';
import { warmUpMs } from '../warm-up.ts';
import { cpuAt, type LengthsSpec, rateAt } from './arms.ts';
import { breakEvenUs, type Point } from './break-even.ts';

/** About 1 ns each. */
const turnsAUs = 1000;
const lengths = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000].map((us) => us * turnsAUs);
const wanted = [
  [10, 0.75],
  [100, 0.91],
] as const;

const plans: Readonly<
  Record<SuiteLength, { readonly blocks: number; readonly rounds: number; readonly lengthMs: number }>
> = {
  quick: { blocks: 1, rounds: 1, lengthMs: 10 },
  full: { blocks: 6, rounds: 2, lengthMs: 30 },
  long: { blocks: 20, rounds: 6, lengthMs: 40 },
};

export const byLength: Group = {
  about: 'calls of 1 µs to 1 ms: break-even against the own thread, the guest’s share of all CPU, a second worker',
  run: async (options) => {
    const bytes = await guestBytes();
    options.progress('calls of 1 µs to 1 ms');
    const curves = await measured({ ...curved, 'guest-alone': alone(2) }, { lengths, inFlight: 64, bytes }, options);
    options.progress('a second worker');
    const second = await measured(
      {
        two: { kind: 'ring', threads: 2 },
        one: { kind: 'ring', threads: 1 },
        'two-alone': alone(2),
        'one-alone': alone(1),
      },
      { lengths: [1000 * turnsAUs], inFlight: 16, bytes },
      options,
      8,
    );
    return [
      breakEven(curves),
      ...wanted.map(([us, least], index) => guestShare(curves, us, least, index === 0)),
      scaling(second),
    ];
  },
};

/** What the guest takes of a call of each length, µs. */
function guestUs(comparison: Comparison): ReadonlyMap<number, number> {
  return new Map(lengths.map((turns) => [turns, mean(comparison.values(cpuAt(turns), 'guest-alone'))]));
}

function breakEven(comparison: Comparison): Figure {
  const us = guestUs(comparison);
  const ratios = (arm: string) => lengths.map((turns) => comparison.logRatios(rateAt(turns), arm, 'in-thread'));
  const blockOf = (all: readonly (readonly number[])[], block: number): readonly Point[] =>
    all.map((d, index) => [us.get(lengths[index] as number) as number, Math.exp(d[block] as number)]);
  const ofArm = (arm: string): readonly number[] => {
    const all = ratios(arm);
    return (all[0] ?? []).map((_, block) => Math.min(breakEvenUs(blockOf(all, block)), ...longest(us)));
  };
  const arms = Object.keys(curved).filter((arm) => arm !== 'in-thread');
  const peers = arms.filter((arm) => arm !== 'sandtune');
  return {
    name: 'break_even_us',
    unit: 'µs',
    better: 'lower',
    targets: [{ op: '<=', value: 4 }],
    ...geometric(ofArm('sandtune')),
    peers: Object.fromEntries(peers.map((arm) => [arm, geometric(ofArm(arm)).value])),
    curves: {
      x: 'µs that the guest takes of a call',
      y: 'calls a second over those of the caller’s own thread',
      points: Object.fromEntries(
        arms.map((arm) => [
          arm,
          ratios(arm).map((d, i) => [us.get(lengths[i] as number) as number, Math.exp(mean(d))]),
        ]),
      ),
    },
  };
}

/** Lengths are read on a scale of ratios, so that one disturbed block does not stand for all. */
function geometric(values: readonly number[]): Estimate {
  const { value, samples, ci95 } = meanOf(values.map(Math.log));
  return { value: Math.exp(value), samples, ...(ci95 && { ci95: [Math.exp(ci95[0]), Math.exp(ci95[1])] as const }) };
}

/** A pool that is not ahead anywhere stands at the longest length. */
function longest(us: ReadonlyMap<number, number>): readonly number[] {
  return [us.get(lengths.at(-1) as number) as number];
}

/** @param withCurve once is enough: it is of all lengths */
function guestShare(comparison: Comparison, us: number, least: number, withCurve: boolean): Figure {
  const share = (arm: string, turns: number): Estimate => ratioOf(comparison, cpuAt(turns), 'guest-alone', arm);
  const peers = Object.keys(curved).filter((arm) => arm !== 'sandtune');
  const turns = us * turnsAUs;
  const taken = guestUs(comparison);
  return {
    name: `guest_share_${us}us`,
    unit: '×',
    better: 'higher',
    targets: [{ op: '>=', value: least }],
    ...share('sandtune', turns),
    peers: Object.fromEntries(peers.map((arm) => [arm, share(arm, turns).value])),
    ...(withCurve && {
      curves: {
        x: 'µs that the guest takes of a call',
        y: 'its share of the CPU of all threads',
        points: Object.fromEntries(
          Object.keys(curved).map((arm) => [
            arm,
            lengths.map((one) => [taken.get(one) as number, share(arm, one).value]),
          ]),
        ),
      },
    }),
  };
}

function scaling(comparison: Comparison): Figure {
  const half = ({ value, samples, ci95 }: Estimate): Estimate => ({
    value: value / 2,
    samples,
    ...(ci95 && { ci95: [ci95[0] / 2, ci95[1] / 2] as const }),
  });
  const name = rateAt(1000 * turnsAUs);
  return {
    name: 'scaling_efficiency',
    unit: '×',
    better: 'higher',
    targets: [{ op: '>=', value: 0.9 }],
    ...half(ratioOf(comparison, name, 'two', 'one')),
    peers: { 'two-bare-workers': half(ratioOf(comparison, name, 'two-alone', 'one-alone')).value },
  };
}

async function measured(
  specs: Readonly<Record<string, LengthsSpec['arm']>>,
  load: Omit<LengthsSpec, 'arm'>,
  { length, seed, signal }: SuiteOptions,
  lengthsAWindow = 1,
): Promise<Comparison> {
  const module = new URL('./arms.ts', import.meta.url);
  const arms: Arms = Object.fromEntries(
    Object.entries(specs).map(([name, arm]) => [
      name,
      {
        open: () =>
          openRemoteArm({
            module,
            spec: { ...load, arm } satisfies LengthsSpec,
            package: ourPackage,
            ...(signal && { signal }),
          }),
      },
    ]),
  );
  const { blocks, rounds, lengthMs } = plans[length];
  const windowMs = lengthMs * load.lengths.length * lengthsAWindow;
  const comparison = new Comparison(arms, {
    warmUpMs: Math.max(2 * warmUpMs[length], windowMs),
    rounds,
    windowMs,
    seed,
    ...(signal && { signal }),
  });
  if (length !== 'quick') await comparison.measurePilot();
  await comparison.measure(blocks);
  return comparison;
}
