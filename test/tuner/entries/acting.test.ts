/** Knobs that have an effect only where others stand. */
import { describe, expect, it } from 'vitest';
import { hasEffect, withIdleAtDefault, withoutEffect } from '../../../tuner/entries/acting.ts';
import { knob } from '../predict/seen.ts';

const knobs = [
  knob('batchSize', { actsUnder: { transport: 'message' } }),
  knob('batchLingerMs', { defaultValue: 0, actsUnder: { transport: 'message' } }),
  knob('transport', { domain: ['message', 'ring'], defaultValue: 'message' }),
];
const byMessages = { batchSize: 64, batchLingerMs: 2, transport: 'message' };
const [size] = knobs as [(typeof knobs)[number]];

it('a knob has an effect where the others stand as it needs, and without such a need everywhere', () => {
  expect(hasEffect(size, byMessages)).toBe(true);
  expect(hasEffect(size, { ...byMessages, transport: 'ring' })).toBe(false);
  expect(hasEffect(knob('threads'), { transport: 'ring' })).toBe(true);
});

describe('settings under which knobs lose their effect', () => {
  it('have these at what was configured, so that what does the same is the same', () => {
    expect(withIdleAtDefault(knobs, { ...byMessages, transport: 'ring' })).toEqual({
      batchSize: 1,
      batchLingerMs: 0,
      transport: 'ring',
    });
    expect(withIdleAtDefault(knobs, byMessages)).toBe(byMessages);
  });

  it('have also those at it that lose their effect by that', () => {
    const chain = [
      knob('a', { actsUnder: { b: 1 } }),
      knob('b', { defaultValue: 0, actsUnder: { c: 1 } }),
      knob('c', { defaultValue: 0 }),
    ];
    expect(withIdleAtDefault(chain, { a: 5, b: 1, c: 0 })).toEqual({ a: 1, b: 0, c: 0 });
  });

  it('leave a knob that is fixed where it is', () => {
    expect(withIdleAtDefault(knobs, { ...byMessages, transport: 'ring' }, { batchSize: 64 })).toMatchObject({
      batchSize: 64,
      batchLingerMs: 0,
    });
  });
});

it('what would move without an effect is named, with what it would need', () => {
  const ring = { batchSize: 1, batchLingerMs: 0, transport: 'ring' };
  expect(withoutEffect(knobs, ring, { ...ring, batchSize: 8, batchLingerMs: 1 })).toBe(
    'batchSize and batchLingerMs have an effect only while transport is message, and it is ring',
  );
  expect(withoutEffect(knobs, byMessages, { ...byMessages, transport: 'ring' })).toBeNull();
  expect(withoutEffect(knobs, ring, byMessages)).toBeNull();
});
