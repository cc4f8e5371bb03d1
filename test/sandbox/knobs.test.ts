import { expect, it } from 'vitest';
import { createKnobs } from '../../src/executor/knob.ts';
import { sandboxKnobs } from '../../src/sandbox/knobs.ts';
import { resolveSandboxOptions } from '../../src/sandbox/options.ts';
import type { WorkerTier } from '../../src/sandbox/run/worker-tier.ts';

it('a move of threads closes the window of the old value by the workers it had', async () => {
  const tier = {
    limit: 1,
    effectiveLimit: 1,
    inUse: [],
    resize: () => {},
    ready: async () => {},
    route: async (limit: number) => {
      tier.limit = limit;
    },
  };
  const workersAtChange: number[] = [];
  const parts = sandboxKnobs(
    resolveSandboxOptions({ guests: { g: { module: new Uint8Array(8) } }, threads: 1, maxThreads: 4 }),
    { size: 1, lingerMs: 0 },
    tier as unknown as WorkerTier,
    new Int32Array(2),
  );
  const [threads] = createKnobs(parts, { closed: () => false, changed: () => workersAtChange.push(tier.limit) });
  await threads?.apply(4);
  await threads?.apply(2);
  expect(workersAtChange).toEqual([1, 4]);
});
