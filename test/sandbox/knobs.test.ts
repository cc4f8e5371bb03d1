import { expect, it } from 'vitest';
import type { Recorder } from '../../src/measure/recorder.ts';
import { createKnobs } from '../../src/sandbox/knobs.ts';
import { resolveSandboxOptions } from '../../src/sandbox/options.ts';
import type { Dispatcher } from '../../src/sandbox/run/dispatcher.ts';

it('closes the window of the old value by the workers it had', async () => {
  const lanes = {
    limit: 1,
    resize: async () => {},
    retarget: () => {},
    route: async (limit: number) => {
      lanes.limit = limit;
    },
  };
  const workersAtChange: number[] = [];
  const recorder = { changed: () => workersAtChange.push(lanes.limit) };
  const [threads] = createKnobs(
    resolveSandboxOptions({ guests: { g: { module: new Uint8Array(8) } }, threads: 1, maxThreads: 4 }),
    { lanes, closing: false } as unknown as Dispatcher,
    new Int32Array(2),
    recorder as unknown as Recorder,
  );
  await threads?.apply(4);
  await threads?.apply(2);
  expect(workersAtChange).toEqual([1, 4]);
});
