import { describe, expect, test } from 'vitest';
import type { Measured } from '../../../src/contracts.ts';
import { tripped } from '../../../tuner/trial/breakers.ts';
import { designOf, type Sketch, windowOf } from './build-window.ts';

const design = designOf({ sigmaD: 0.03 });

/** 'A' a normal baseline window, 'B' a candidate window as sketched, 'a' a baseline window as sketched, 'b' a normal candidate window. */
function story(arms: string, sketch: Sketch): Measured[] {
  return arms.split('').map((letter, i) => ({
    arm: letter.toLowerCase() === 'a' ? 'baseline' : 'candidate',
    window: windowOf(letter === 'B' || letter === 'a' ? { startMs: i * 1000, ...sketch } : { startMs: i * 1000 }),
  }));
}

const triggerOf = (arms: string, sketch: Sketch, used = design) => tripped(used, story(arms, sketch))?.trigger ?? null;

describe('worker lost', () => {
  test('trips on the first loss under the candidate', () => {
    expect(triggerOf('AB', { others: { lost: 1 } })).toBe('breaker: worker lost');
  });

  test('does not blame the candidate where the baseline loses workers too', () => {
    expect(triggerOf('aB', { others: { lost: 1 } })).toBeNull();
    expect(triggerOf('ab', { others: { lost: 1 } })).toBeNull();
  });

  test('is not talked out of it by calls the candidate took along into the baseline window after it', () => {
    expect(triggerOf('ABaB', { others: { lost: 1 } })).toBe('breaker: worker lost');
  });

  test('knows that in a hold-back the candidate runs before every pair', () => {
    const holdBack = { ...design, purpose: 'hold-back' } as const;
    expect(triggerOf('BAaB', { others: { lost: 1 } }, holdBack)).toBe('breaker: worker lost');
    expect(triggerOf('BAaB', { others: { lost: 1 } })).toBeNull();
  });

  test('sees a worker that died between the flip and the window', () => {
    const [first, second] = story('Ab', {});
    if (!first || !second) throw new Error('two windows were sketched');
    const outcomes = { ...second.window.outcomes, ok: 0, lost: 3 };
    const seen = [first, { ...second, discarded: { offered: 3, outcomes } }];
    expect(tripped(design, seen)?.trigger).toBe('breaker: worker lost');
    expect(tripped(design, [first, second])).toBeNull();
  });
});

describe('a stall', () => {
  test('trips after one empty candidate window beside a working baseline', () => {
    expect(triggerOf('AB', { ok: 0, backlog: 8 })).toBe('breaker: drop');
    expect(triggerOf('AB', { ok: 0, others: { timeout: 8 } })).toBe('breaker: drop');
  });

  test('is not seen where nothing was asked for, or where the baseline brings nothing either', () => {
    expect(triggerOf('AB', { ok: 0, backlog: 0 })).toBeNull();
    expect(triggerOf('aB', { ok: 0, backlog: 8 })).toBeNull();
    expect(triggerOf('B', { ok: 0, backlog: 8 })).toBeNull();
  });
});

describe('errors', () => {
  const failing = { ok: 960, others: { trap: 40 } };

  test('trip in two separate candidate windows', () => {
    expect(triggerOf('ABAB', failing)).toBe('breaker: errors');
    expect(triggerOf('ABAbAB', failing)).toBe('breaker: errors');
  });

  test('in one candidate window may be an outage', () => {
    expect(triggerOf('ABAbAb', failing)).toBeNull();
  });

  test('that the neighbours show too are no sign', () => {
    expect(triggerOf('aBaB', failing)).toBeNull();
  });

  test('as rare as under the baseline so far are no sign', () => {
    const seen = [
      ...story('aaaa', { ok: 995, others: { trap: 5 } }),
      ...story('AB', { ok: 992, others: { trap: 8 } }),
      ...story('AB', { ok: 992, others: { trap: 8 } }),
    ];
    expect(tripped(design, seen)).toBeNull();
  });

  test('a single failure in a small sample is no sign', () => {
    const seen = story('ABABABAB', { ok: 49, others: { trap: 1 } }).map((one) =>
      one.arm === 'baseline' ? { ...one, window: windowOf({ ok: 50 }) } : one,
    );
    expect(tripped(design, seen)).toBeNull();
  });
});

describe('latency', () => {
  test('trips at a p99 above three times the neighbours in two candidate windows in a row', () => {
    expect(triggerOf('ABAB', { tailFactor: 5 })).toBe('breaker: latency');
    expect(triggerOf('ABAB', { tailFactor: 2 })).toBeNull();
  });

  test('in one window may be a pause of the collector', () => {
    expect(triggerOf('ABAb', { tailFactor: 5 })).toBeNull();
    expect(triggerOf('AbAB', { tailFactor: 5 })).toBeNull();
  });

  test('does not trip over what the user allows', () => {
    expect(triggerOf('ABAB', { tailFactor: 5 }, designOf({}, ['p99 < 500ms']))).toBeNull();
    expect(triggerOf('ABAB', { tailFactor: 5 }, designOf({}, ['p99 < 50ms']))).toBe('breaker: latency');
  });
});

describe('a drop', () => {
  test('trips after two candidate windows 20 % below', () => {
    expect(triggerOf('ABAB', { ok: 800 })).toBe('breaker: drop');
    expect(triggerOf('ABBA', { ok: 800 })).toBeNull();
  });

  test('needs a baseline window between the two: an outage may cover neighbours', () => {
    expect(triggerOf('ABB', { ok: 500 })).toBeNull();
    expect(triggerOf('ABBAB', { ok: 500 })).toBe('breaker: drop');
  });

  test('of less than a tenth, or within the noise, does not trip', () => {
    expect(triggerOf('ABAB', { ok: 920 })).toBeNull();
    expect(triggerOf('ABAB', { ok: 800 }, designOf({ sigmaD: 0.15 }))).toBeNull();
  });

  test('is forgiven once the candidate is back', () => {
    expect(triggerOf('ABAbAB', { ok: 700 })).toBeNull();
  });

  test('in latency counts as well where latency is the objective', () => {
    const slower = designOf({
      sigmaD: 0.03,
      goal: { objective: { metric: 'mean', direction: 'minimize' }, guardrails: [] },
    });
    expect(triggerOf('ABAB', { meanMs: 14 }, slower)).toBe('breaker: drop');
    expect(triggerOf('ABAB', { meanMs: 7 }, slower)).toBeNull();
  });
});
