import { expect, it } from 'vitest';
import { Durations } from '../../../src/stream/flow/stage-measures.ts';

it('a window takes what came since the last one, and the whole has all of it', () => {
  const durations = new Durations();
  durations.record(1);
  durations.record(1);
  durations.record(5, 3);
  expect(durations.whole.count).toBe(5);
  expect(durations.take()).toMatchObject({ count: 5, sumMs: 17, minMs: 1, maxMs: 5 });
  durations.record(7);
  expect(durations.take()).toMatchObject({ count: 1, sumMs: 7 });
  expect(durations.take().count).toBe(0);
  expect(durations.whole).toMatchObject({ count: 6, sumMs: 24, maxMs: 7 });
});
