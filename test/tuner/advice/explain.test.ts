import { expect, test } from 'vitest';
import { batchKnob, threadsKnob } from '../../../bench/worlds/pool.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import { seenAt, start } from '../predict/seen-pool.ts';

test('every knob is explained, and one that no model knows says so', async () => {
  const seen = { ...(await seenAt(start)), knobs: [threadsKnob, batchKnob, { ...threadsKnob, id: 'colour' }] };
  const views = explain(seen);
  expect(new Set(views.map((view) => view.knob))).toEqual(new Set(['threads', 'batchSize', 'colour']));
  expect(views.find((view) => view.knob === 'colour')).toMatchObject({
    model: null,
    reason: "no model knows 'colour'",
  });
  expect(views.find((view) => view.model === 'batch')?.suggestion).toMatchObject({ kind: 'proposal' });
});
