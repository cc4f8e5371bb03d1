/** The call path: calls a second with many in flight, and the round trip of one, against what people use today. */
import { measureAgainst, theirs } from '../against-figure.ts';
import type { PackageLocation } from '../arms/protocol.ts';
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { type Arm, type Arms, Comparison } from '../compare.ts';
import type { Figure } from '../figure.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, Suite, SuiteLength, SuiteOptions } from '../suite.ts';
import { type AlikeWorkload, overRing } from './alike/workloads.ts';
import { guestBytes } from './guest.ts';
import { idle } from './idle.ts';
import { inThread } from './in-thread.ts';
import { byLength } from './lengths/lengths.ts';
import { queueing } from './queueing.ts';
import { warmUpMs } from './warm-up.ts';
import { figureName, roundTrip, throughput, type Workload, wrapping } from './workloads.ts';

export const core: Suite = {
  about: 'the call path, in a closed loop: against piscina, raw postMessage and what was wrapped',
  groups: {
    throughput: group('calls a second with 256 in flight: tiny, batched, and 50 µs of work', throughput, 30),
    'round-trip': group('the time of one call at a time', roundTrip, 130),
    ring: group(
      'calls over shared memory, beside six pools, batches by hand and raw postMessage',
      overRing,
      20,
      new URL('./alike/arms.ts', import.meta.url),
    ),
    queueing,
    'in-thread': inThread,
    lengths: byLength,
    idle,
    wrap: group('a wrapped pool and a wrapped function beside the bare ones', wrapping, 60),
  },
};

interface Size {
  readonly blocks: number;
  /** How many pairs of ours and the reference alone may be measured, as a share of the group's `morePairs`. */
  readonly morePairsShare: number;
  readonly rounds: number;
  readonly windowMs: number;
}

const sizes: Readonly<Record<SuiteLength, Size>> = {
  quick: { blocks: 2, morePairsShare: 0, rounds: 4, windowMs: 80 },
  full: { blocks: 6, morePairsShare: 1, rounds: 5, windowMs: 80 },
  long: { blocks: 60, morePairsShare: 10, rounds: 16, windowMs: 80 },
};

type AnyWorkload = Workload | AlikeWorkload;

/** What opens the arms, and with which guest. */
interface Opened {
  readonly module: URL;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** @param morePairs so many of ours and the reference alone fit into ten minutes with all else */
function group(
  about: string,
  workloads: readonly AnyWorkload[],
  morePairs: number,
  module = new URL('./arms.ts', import.meta.url),
): Group {
  return {
    about,
    run: async (options) => {
      const bytes = await guestBytes();
      const figures: Figure[] = [];
      for (const workload of workloads) {
        options.progress(workload.id);
        figures.push(...(await figuresOf(workload, { module, bytes, morePairs }, options)));
      }
      return figures;
    },
  };
}

async function figuresOf(
  workload: AnyWorkload,
  { morePairs, ...opened }: Opened & { readonly morePairs: number },
  options: SuiteOptions,
): Promise<readonly Figure[]> {
  const { length, seed, signal, reference, leaveOut } = options;
  const { blocks, morePairsShare, ...size } = sizes[length];
  const { figures } = workload;
  const [ours = '', ...peers] = Object.keys(workload.arms);
  const comparison = new Comparison(armsOf(workload, opened, options), {
    ...size,
    warmUpMs: warmUpMs[length],
    seed,
    ...(signal && { signal }),
  });
  if (length !== 'quick') await comparison.measurePilot();
  await comparison.measure(blocks);
  const own = figures.map((one) => ({
    ...one.figure,
    name: figureName(workload, one),
    ...comparedFigure(comparison, one.number, ours, peers),
  }));
  if (!reference) return own;
  const asked = figures.map((one) => ({
    figure: figureName(workload, one),
    number: one.number,
    better: one.figure.better,
    kind: one.kind,
  }));
  const plan = { pairs: blocks, morePairs: morePairsShare * morePairs, leaveOut };
  return [...own, ...(await measureAgainst(comparison, asked, ours, plan))];
}

/** Each in a process of its own. What we have in the first is what the reference has in its own. */
function armsOf({ arms, load }: AnyWorkload, { module, bytes }: Opened, { reference, signal }: SuiteOptions): Arms {
  const armOf = (arm: unknown, location: PackageLocation, optional = false): Arm => {
    const spec = { arm, load, bytes };
    return { optional, open: () => openRemoteArm({ module, spec, package: location, ...(signal && { signal }) }) };
  };
  const [ours] = Object.values(arms);
  return {
    ...Object.fromEntries(Object.entries(arms).map(([name, arm]) => [name, armOf(arm, ourPackage)])),
    ...(reference && ours && { [theirs]: armOf(ours, reference.package, true) }),
  };
}
