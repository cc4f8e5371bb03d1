import { expect, it } from 'vitest';
import type { Recorder } from '../../src/measure/recorder.ts';
import { createKnobs } from '../../src/sandbox/knobs.ts';
import { resolveSandboxOptions } from '../../src/sandbox/options.ts';
import type { WorkerTier } from '../../src/sandbox/run/worker-tier.ts';

it('closes the window of the old value by the workers it had', async () => {
  const tier = {
    limit: 1,
    resize: async () => {},
    retarget: () => {},
    route: async (limit: number) => {
      tier.limit = limit;
    },
  };
  const workersAtChange: number[] = [];
  const recorder = { changed: () => workersAtChange.push(tier.limit) };
  const [threads] = createKnobs(
    resolveSandboxOptions({ guests: { g: { module: new Uint8Array(8) } }, threads: 1, maxThreads: 4 }),
    { tier: tier as unknown as WorkerTier, queue: { size: 1, lingerMs: 0 }, isClosed: () => false },
    new Int32Array(2),
    recorder as unknown as Recorder,
  );
  await threads?.apply(4);
  await threads?.apply(2);
  expect(workersAtChange).toEqual([1, 4]);
});
