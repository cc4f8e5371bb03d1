import { expect, test } from 'vitest';
import { batchKnob } from '../../../bench/worlds/pool.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { recommendSettings } from '../../../tuner/predict/recommend.ts';
import { seenAt, start } from './seen-pool.ts';

const restart = { ...batchKnob, moves: { up: 'restart', down: 'restart' } } as const;

test('a gain behind a restart is recommended, and never proposed for a trial', async () => {
  const seen = { ...(await seenAt(start)), knobs: [restart] };
  expect(predict(seen, randomStream(1))).not.toHaveProperty('gain');
  expect(recommendSettings(seen)).toEqual([
    expect.objectContaining({
      priority: 'high',
      settings: { batchSize: expect.any(Number) },
      reason: expect.stringContaining('restart'),
    }),
  ]);
});

test('nothing is recommended where a trial can move every knob', async () => {
  expect(recommendSettings(await seenAt(start))).toEqual([]);
});
