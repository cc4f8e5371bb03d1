import type { Entry, TunerRecord } from 'sandtune/tuner';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../examples/demo/trial-lines.ts';

const entry = (record: TunerRecord): Entry => ({ kind: 'record', session: 1, record });

describe('a trial that ended without a verdict', () => {
  const cutShort: Entry[] = [
    entry({
      kind: 'sealed',
      trial: 3,
      by: 'user',
      from: { batchSize: 64 },
      settings: { batchSize: 1 },
      predicted: null,
      because: 'to see',
    }),
    entry({
      kind: 'decision',
      trial: 3,
      decision: 'revert',
      trigger: 'load changed',
      settings: { batchSize: 64 },
      callsAffected: 10,
      afterMs: 20,
      because: 'another load',
    }),
  ];

  it('has neither verdict nor effect nor evidence, instead of a measured zero', () => {
    expect(factsOf(cutShort).trials).toEqual([
      {
        id: 3,
        from: { batchSize: 64 },
        settings: { batchSize: 1 },
        predicted: null,
        verdict: null,
        decision: 'revert',
        trigger: 'load changed',
        pairs: 0,
        eValue: null,
        effect: null,
      },
    ]);
  });
});
