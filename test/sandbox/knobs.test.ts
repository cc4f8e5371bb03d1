import { expect, it } from 'vitest';
import type { Knob, SettingValue } from '../../src/contracts.ts';
import { createKnobs } from '../../src/executor/knob.ts';
import { sandboxKnobs } from '../../src/sandbox/knobs.ts';
import { resolveSandboxOptions, type SandboxOptions } from '../../src/sandbox/options.ts';
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

it('the edit of an option takes away what that was given, also where it was no value of the knob', () => {
  const patchesOf = (options: Omit<SandboxOptions, 'guests'>) => {
    const resolved = resolveSandboxOptions({ guests: { g: { module: new Uint8Array(8) } }, ...options });
    const parts = sandboxKnobs(resolved, { size: 1, lingerMs: 0 }, {} as WorkerTier, new Int32Array(2));
    const knobs = createKnobs(parts, { closed: () => false, changed: () => {} });
    return (id: string, value: SettingValue) => {
      const { before, after } = (knobs.find((one) => one.id === id) as Knob<SettingValue>).patch(value);
      return [before, after];
    };
  };
  const either = patchesOf({ transport: 'either', threads: 3 });
  expect(either('transport', 'ring')).toEqual(["transport: 'either',", "transport: 'ring',"]);
  expect(either('threads', 2)).toEqual(['threads: 3,', 'threads: 2,']);
  expect(either('moduleCacheCapacity', 8)).toEqual(['', 'moduleCacheCapacity: 8,']);
  const batched = patchesOf({ transport: 'either', batchSize: 8 });
  expect(batched('transport', 'ring')[0]).toBe("transport: 'either',");
  expect(patchesOf({ tier: 'worker' })('tier', 'thread')[0]).toBe("tier: 'worker',");
  expect(patchesOf({ transport: 'ring', depth: 4 })('depth', 8)).toEqual(['depth: 4,', 'depth: 8,']);
});
