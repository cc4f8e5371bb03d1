/** The call path: calls a second with many in flight, and the round trip of one, against what people use today. */
import { measureAgainst, theirs } from '../against-figure.ts';
import type { PackageLocation } from '../arms/protocol.ts';
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { type Arm, Comparison } from '../compare.ts';
import type { Figure } from '../figure.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, Suite, SuiteLength, SuiteOptions } from '../suite.ts';
import type { ArmSpec, CoreSpec } from './arms.ts';
import { guestBytes } from './guest.ts';
import { roundTrip, throughput, type Workload, wrapping } from './workloads.ts';

export const core: Suite = {
  about: 'the call path, in a closed loop: against piscina, raw postMessage and what was wrapped',
  groups: {
    throughput: group('calls a second with 256 in flight: tiny, batched, and 50 µs of work', throughput),
    'round-trip': group('the time of one call at a time', roundTrip),
    wrap: group('a wrapped pool and a wrapped function beside the bare ones', wrapping),
  },
};

interface Size {
  readonly blocks: number;
  /** Of ours and the reference alone, until it is decided how they compare. */
  readonly moreBlocks: number;
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly windowMs: number;
}

const sizes: Readonly<Record<SuiteLength, Size>> = {
  quick: { blocks: 2, moreBlocks: 0, warmUpMs: 200, rounds: 3, windowMs: 120 },
  full: { blocks: 12, moreBlocks: 20, warmUpMs: 750, rounds: 4, windowMs: 150 },
  long: { blocks: 60, moreBlocks: 140, warmUpMs: 1000, rounds: 6, windowMs: 200 },
};

function group(about: string, workloads: readonly Workload[]): Group {
  return {
    about,
    run: async (options) => {
      const bytes = await guestBytes();
      const figures: Figure[] = [];
      for (const workload of workloads) {
        options.progress(workload.id);
        figures.push(...(await figuresOf(workload, bytes, options)));
      }
      return figures;
    },
  };
}

async function figuresOf(
  { id, load, arms, figures }: Workload,
  bytes: Uint8Array<ArrayBuffer>,
  options: SuiteOptions,
): Promise<readonly Figure[]> {
  const { length, seed, signal, reference, leaveOut } = options;
  const { blocks, moreBlocks, ...size } = sizes[length];
  const [ours = '', ...peers] = Object.keys(arms);
  const armOf =
    (spec: ArmSpec | undefined, location: PackageLocation): Arm['open'] =>
    () =>
      openRemoteArm({
        module: new URL('./arms.ts', import.meta.url),
        spec: { arm: spec, load, bytes } as CoreSpec,
        package: location,
        ...(signal && { signal }),
      });
  const comparison = new Comparison(
    {
      ...Object.fromEntries(Object.entries(arms).map(([name, spec]) => [name, { open: armOf(spec, ourPackage) }])),
      ...(reference && { [theirs]: { open: armOf(arms[ours], reference.package), optional: true } }),
    },
    { ...size, seed, ...(signal && { signal }) },
  );
  if (length !== 'quick') await comparison.measurePilot();
  await comparison.measure(blocks);
  const own = figures.map(({ number, shown }) => ({
    ...shown,
    name: `${id}.${number}`,
    ...comparedFigure(comparison, number, ours, peers),
  }));
  if (!reference) return own;
  const asked = figures.map(({ number, kind, shown: { better } }) => ({
    figure: `${id}.${number}`,
    number,
    better,
    kind,
  }));
  return [
    ...own,
    ...(await measureAgainst(comparison, asked, ours, { pairs: blocks, morePairs: moreBlocks, leaveOut })),
  ];
}
