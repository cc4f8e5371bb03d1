import { describe, expect, it } from 'vitest';
import { admission } from '../../../src/stream/flow/admission.ts';
import { hashOf, SampleLevel, sampledWeight } from '../../../src/stream/flow/sampling.ts';

describe('sampling', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `key-${i}`);

  it.each([1, 3, 6])('keeps about one key in 2^%i, whose weights add up to all of them', (level) => {
    const sum = keys.reduce((total, key) => total + sampledWeight(hashOf(key), level), 0);
    // Binomial: five standard deviations of the number that stays, each weighing 2^level.
    const deviation = Math.sqrt(keys.length * (2 ** level - 1));
    expect(Math.abs(sum - keys.length)).toBeLessThan(5 * deviation);
  });

  it('keeps at a level only what it keeps at every lower one', () => {
    for (const key of keys.slice(0, 5000)) {
      const hash = hashOf(key);
      for (let level = 1; level < 12; level++)
        if (sampledWeight(hash, level) > 0) expect(sampledWeight(hash, level - 1)).toBe(2 ** (level - 1));
    }
  });

  it('knows a key as text and as its bytes alike', () => {
    expect(hashOf('abc')).toBe(hashOf(Buffer.from('abc')));
  });

  it('rises with each pause and falls after as many records as the buffer holds without one', () => {
    const sample = new SampleLevel(3);
    sample.note(1);
    sample.note(2);
    expect(sample.level).toBe(2);
    for (let i = 0; i < 3; i++) sample.note(2);
    expect(sample.level).toBe(1);
    for (let i = 0; i < 30; i++) sample.note(2);
    expect(sample.level).toBe(0);
  });
});

describe('admission', () => {
  it('takes whatever there is room for, and by policy waits, drops or evicts where there is none', () => {
    for (const policy of ['block', 'adaptive', 'drop-newest', 'drop-oldest', 'sample'] as const)
      expect(admission(policy, true, 1, false)).toBe('take');
    expect(admission('block', false, 1, true)).toBe('wait');
    expect(admission('adaptive', false, 1, true)).toBe('wait');
    expect(admission('drop-newest', false, 1, true)).toBe('drop');
    expect(admission('drop-oldest', false, 1, true)).toBe('evict');
    expect(admission('drop-oldest', false, 1, false)).toBe('drop');
    expect(admission('sample', true, 0, false)).toBe('sample-out');
    expect(admission('sample', false, 2, false)).toBe('wait');
  });
});
