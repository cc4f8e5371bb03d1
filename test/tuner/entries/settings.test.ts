import { describe, expect, it } from 'vitest';
import type { KnobSpec } from '../../../src/contracts.ts';
import { changesText, completeSettings, isCheaper, sameSettings } from '../../../tuner/entries/settings.ts';

const spec = (id: string, more: Partial<KnobSpec> = {}): KnobSpec => ({
  id,
  domain: { min: 1, max: 64, scale: 'log', integer: true },
  interference: 'executor',
  moves: { up: 'live', down: 'live' },
  defaultValue: 1,
  source: 'test',
  ...more,
});
const knobs = [spec('threads', { cost: 'per-unit' }), spec('batchSize'), spec('codec', { domain: ['json', 'cbor'] })];

describe('settings', () => {
  it('settings are the same whatever the order of their keys', () => {
    expect(sameSettings({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(sameSettings({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  });

  it('settings are cheaper only when a costed knob saves a tenth and none costs more', () => {
    expect(isCheaper(knobs, { threads: 4, batchSize: 1 }, { threads: 3, batchSize: 64 })).toBe(true);
    expect(isCheaper(knobs, { threads: 64 }, { threads: 60 })).toBe(false);
    expect(isCheaper(knobs, { threads: 4, batchSize: 64 }, { threads: 4, batchSize: 1 })).toBe(false);
    expect(isCheaper(knobs, { threads: 2 }, { threads: 3 })).toBe(false);
  });

  it('settings are checked against the domain before they are completed', () => {
    expect(completeSettings(knobs, { threads: 3, batchSize: 1 }, { batchSize: 8 })).toEqual({
      threads: 3,
      batchSize: 8,
    });
    expect(() => completeSettings(knobs, {}, { codec: 'xml' })).toThrow(
      /codec: expected one of "json", "cbor", got "xml"/,
    );
    expect(() => completeSettings(knobs, {}, { threads: 2.5 })).toThrow(/an integer from 1 to 64, got 2.5/);
    expect(() => completeSettings(knobs, {}, { threads: 3 }, { threads: 4 })).toThrow(/fixed at 4/);
    expect(() => completeSettings(knobs, {}, { threads: '3' })).toThrow(/an integer from 1 to 64, got "3"/);
  });

  it('a setting of a knob called as something every object has is as free as any other', () => {
    const named = [spec('constructor'), spec('toString')];
    expect(completeSettings(named, { constructor: 1, toString: 1 } as never, { constructor: 8 } as never)).toEqual({
      constructor: 8,
      toString: 1,
    });
  });

  it('a change of settings is told in words', () => {
    expect(changesText({ threads: 3, batchSize: 1 }, { threads: 3, batchSize: 64 })).toBe('batchSize 1 → 64');
    expect(changesText({ threads: 3 }, { threads: 3 })).toBe('nothing changes');
  });
});
