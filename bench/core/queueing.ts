/** What stands in a call's way: a slow call before it, a tenant that sends all it can. */
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { type Arms, Comparison } from '../compare.ts';
import type { Figure } from '../figure.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { pools } from './alike/workloads.ts';
import { guestBytes } from './guest.ts';
import type { QueueingSpec } from './queueing-arms.ts';
import { warmUpMs } from './warm-up.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Windows are as long as it takes to see a tail in them. */
type Plans = Readonly<Record<SuiteLength, { readonly blocks: number; readonly rounds: number }>>;
/** Behind a slow call few others run: it takes longer until their code is compiled. */
const slowWarmUps = 2;

const slowPlans: Plans = {
  quick: { blocks: 1, rounds: 3 },
  full: { blocks: 6, rounds: 4 },
  long: { blocks: 20, rounds: 8 },
};
/** A tail of some hundred calls moves by a fifth from window to window: more starts tell more than more windows of each. */
const tenantPlans: Plans = {
  quick: { blocks: 1, rounds: 3 },
  full: { blocks: 12, rounds: 3 },
  long: { blocks: 24, rounds: 8 },
};

export const queueing: Group = {
  about: 'calls behind a slow one, and calls of tenants beside one that sends all it can',
  run: async (options) => {
    const bytes = await guestBytes();
    options.progress('behind a slow call');
    const slow = await behindSlow(bytes, options);
    const tenants: Figure[] = [];
    // By messages it is the same queue.
    for (const transport of options.length === 'long' ? (['ring', 'message'] as const) : (['ring'] as const)) {
      options.progress(`tenants, transport: '${transport}'`);
      tenants.push(...(await besideHostile(transport, bytes, options)));
    }
    return [...slow, ...tenants];
  },
};

async function behindSlow(bytes: Bytes, options: SuiteOptions): Promise<readonly Figure[]> {
  const peers = Object.keys(pools);
  const comparison = await measured(
    Object.fromEntries(
      Object.entries({ sandtune: { kind: 'ring', threads: 2 } as const, ...pools }).map(([name, arm]) => [
        name,
        { scenario: 'behind-slow', arm, bytes },
      ]),
    ),
    240,
    slowPlans,
    slowWarmUps * warmUpMs[options.length],
    options,
  );
  return [
    {
      name: 'steal_ms_p95',
      unit: 'ms',
      better: 'lower',
      targets: [{ op: '<=', value: 2 }],
      ...comparedFigure(comparison, 'p95-ms', 'sandtune', peers),
    },
    {
      name: 'steal_ms_p99',
      unit: 'ms',
      better: 'lower',
      targets: [{ op: '<=', value: 1, of: peers }],
      ...comparedFigure(comparison, 'p99-ms', 'sandtune', peers),
    },
  ];
}

async function besideHostile(
  transport: 'message' | 'ring',
  bytes: Bytes,
  options: SuiteOptions,
): Promise<readonly Figure[]> {
  const comparison = await measured(
    {
      'beside-hostile': { scenario: 'tenants', transport, hasHostile: true, bytes },
      alone: { scenario: 'tenants', transport, hasHostile: false, bytes },
    },
    1000,
    tenantPlans,
    warmUpMs[options.length],
    options,
  );
  const { ratios, ...figure } = comparedFigure(comparison, 'p99-ms', 'beside-hostile', ['alone']);
  const ratio = ratios?.['alone'];
  return [
    { name: named('tenant_p99_ms', transport), unit: 'ms', better: 'lower', ...figure },
    {
      name: named('tenant_p99_ratio', transport),
      unit: '×',
      better: 'lower',
      targets: [{ op: '<=', value: 1.5 }],
      ...(ratio ?? { value: Number.NaN, samples: 0 }),
    },
  ];
}

function named(figure: string, transport: 'message' | 'ring'): string {
  return transport === 'ring' ? figure : `${figure}_by_message`;
}

async function measured(
  specs: Readonly<Record<string, QueueingSpec>>,
  windowMs: number,
  plans: Plans,
  warmMs: number,
  { length, seed, signal }: SuiteOptions,
): Promise<Comparison> {
  const module = new URL('./queueing-arms.ts', import.meta.url);
  const arms: Arms = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { open: () => openRemoteArm({ module, spec, package: ourPackage, ...(signal && { signal }) }) },
    ]),
  );
  const { blocks, rounds } = plans[length];
  const comparison = new Comparison(arms, {
    warmUpMs: Math.max(warmUpMs[length], windowMs),
    rounds,
    windowMs,
    seed,
    ...(signal && { signal }),
  });
  if (length === 'long') await comparison.measurePilot();
  await comparison.measure(blocks);
  return comparison;
}
