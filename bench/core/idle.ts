/** What pools take of a CPU while no call is out. */
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { type Arms, Comparison } from '../compare.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, SuiteLength } from '../suite.ts';
import { pools } from './alike/workloads.ts';
import { guestBytes } from './guest.ts';
import type { IdleSpec } from './idle-arms.ts';

const plans: Readonly<Record<SuiteLength, { readonly blocks: number; readonly windowMs: number }>> = {
  quick: { blocks: 1, windowMs: 300 },
  full: { blocks: 6, windowMs: 1000 },
  long: { blocks: 20, windowMs: 3000 },
};

const { piscina = null } = pools;
const specs: Readonly<Record<string, IdleSpec['arm']>> = {
  sandtune: { kind: 'ring', threads: 2 },
  piscina,
  'process-alone': null,
};

export const idle: Group = {
  about: 'what a pool takes of a CPU while it has nothing to do',
  run: async ({ length, seed, signal, progress }) => {
    progress('pools at rest');
    const bytes = await guestBytes();
    const module = new URL('./idle-arms.ts', import.meta.url);
    const arms: Arms = Object.fromEntries(
      Object.entries(specs).map(([name, arm]) => [
        name,
        {
          open: () =>
            openRemoteArm({
              module,
              spec: { arm, bytes } satisfies IdleSpec,
              package: ourPackage,
              ...(signal && { signal }),
            }),
        },
      ]),
    );
    const { blocks, windowMs } = plans[length];
    const comparison = new Comparison(arms, { warmUpMs: 100, rounds: 1, windowMs, seed, ...(signal && { signal }) });
    await comparison.measure(blocks);
    const { ratios: _, ...figure } = comparedFigure(comparison, 'cpu-fraction', 'sandtune', [
      'piscina',
      'process-alone',
    ]);
    return [
      {
        name: 'idle_cpu_fraction',
        unit: 'of a CPU',
        better: 'lower',
        targets: [{ op: '<=', value: 0.001 }],
        ...figure,
      },
    ];
  },
};
