import { describe, expect, test } from 'vitest';
import type { Measured } from '../../../src/contracts.ts';
import { looksHarmful, tripped } from '../../../tuner/trial/breakers.ts';
import { stepTrial } from '../../../tuner/trial/switchback.ts';
import { designOf, type Sketch, windowOf } from './build-window.ts';

const design = designOf({ sigmaD: 0.03 });

/** Windows by letter: 'A' is a normal baseline window and 'a' one as sketched, 'b' is a normal candidate window and 'B' one as sketched. */
function story(arms: string, sketch: Sketch): Measured[] {
  return arms.split('').map((letter, i) => ({
    arm: letter.toLowerCase() === 'a' ? 'baseline' : 'candidate',
    window: windowOf(letter === 'B' || letter === 'a' ? { startMs: i * 1000, ...sketch } : { startMs: i * 1000 }),
  }));
}

const triggerOf = (arms: string, sketch: Sketch, used = design) => tripped(used, story(arms, sketch))?.trigger ?? null;

describe('worker lost', () => {
  test('a breaker trips on the first call lost with its worker under the candidate', () => {
    expect(triggerOf('AB', { others: { lost: 1 } })).toBe('breaker: worker lost');
  });

  test('no breaker blames the candidate where the baseline loses workers too', () => {
    expect(triggerOf('aB', { others: { lost: 1 } })).toBeNull();
    expect(triggerOf('ab', { others: { lost: 1 } })).toBeNull();
  });

  test('calls lost in the baseline window right after the candidate do not excuse the candidate', () => {
    expect(triggerOf('ABaB', { others: { lost: 1 } })).toBe('breaker: worker lost');
  });

  test('a loss in a baseline window before which the baseline ran as well excuses the candidate', () => {
    expect(triggerOf('BAaB', { others: { lost: 1 } })).toBeNull();
  });

  test('a worker that died between the change of arm and the window trips the breaker', () => {
    const [first, second] = story('Ab', {});
    if (!first || !second) throw new Error('two windows were sketched');
    const outcomes = { ...second.window.outcomes, ok: 0, lost: 3 };
    const seen = [first, { ...second, discarded: { offered: 3, outcomes } }];
    expect(tripped(design, seen)?.trigger).toBe('breaker: worker lost');
    expect(tripped(design, [first, second])).toBeNull();
  });
});

describe('a stall', () => {
  test('one empty candidate window beside a working baseline ends the trial, and blames the candidate where it is not the first', () => {
    const stalledBefore = { ...design, stalledBefore: true } as const;
    for (const empty of [
      { ok: 0, backlog: 8 },
      { ok: 0, others: { timeout: 8 } },
    ]) {
      expect(triggerOf('AB', empty)).toBe('outage or candidate');
      expect(triggerOf('AB', empty, stalledBefore)).toBe('breaker: stall');
    }
  });

  test('an empty candidate window trips nothing where no call was offered, or where the baseline completes none either', () => {
    expect(triggerOf('AB', { ok: 0, backlog: 0 })).toBeNull();
    expect(triggerOf('aB', { ok: 0, backlog: 8 })).toBeNull();
    expect(triggerOf('B', { ok: 0, backlog: 8 })).toBeNull();
  });
});

describe('errors', () => {
  const failing = { ok: 960, others: { trap: 40 } };

  test('errors in two separate candidate windows trip the breaker', () => {
    expect(triggerOf('ABAB', failing)).toBe('breaker: errors');
    expect(triggerOf('ABAbAB', failing)).toBe('breaker: errors');
  });

  test('errors in one candidate window trip nothing: it may be an outage', () => {
    expect(triggerOf('ABAbAb', failing)).toBeNull();
  });

  test('errors in windows beside which the baseline failed too trip nothing, however clean the baseline was before', () => {
    expect(triggerOf(`${'A'.repeat(30)}BA${'A'.repeat(4)}BA`, failing)).toBe('breaker: errors');
    expect(triggerOf(`${'A'.repeat(30)}aBA${'A'.repeat(4)}aBA`, failing)).toBeNull();
  });

  test('errors that the neighbours show too trip nothing', () => {
    expect(triggerOf('aBaB', failing)).toBeNull();
  });

  test('errors as rare as under the baseline so far trip nothing', () => {
    const seen = [
      ...story('aaaa', { ok: 995, others: { trap: 5 } }),
      ...story('AB', { ok: 992, others: { trap: 8 } }),
      ...story('AB', { ok: 992, others: { trap: 8 } }),
    ];
    expect(tripped(design, seen)).toBeNull();
  });

  test('a single failure in a small sample trips nothing', () => {
    const seen = story('ABABABAB', { ok: 49, others: { trap: 1 } }).map((one) =>
      one.arm === 'baseline' ? { ...one, window: windowOf({ ok: 50 }) } : one,
    );
    expect(tripped(design, seen)).toBeNull();
  });
});

describe('latency', () => {
  test('a p99 above three times the neighbours in two candidate windows in a row trips the breaker', () => {
    expect(triggerOf('ABAB', { tailFactor: 5 })).toBe('breaker: latency');
    expect(triggerOf('ABAB', { tailFactor: 2 })).toBeNull();
  });

  test('a high p99 in one candidate window trips nothing: it may be a pause of the garbage collector', () => {
    expect(triggerOf('ABAb', { tailFactor: 5 })).toBeNull();
    expect(triggerOf('AbAB', { tailFactor: 5 })).toBeNull();
  });

  test('a p99 within the limit that the user set trips nothing', () => {
    expect(triggerOf('ABAB', { tailFactor: 5 }, designOf({}, ['p99 < 500ms']))).toBeNull();
    expect(triggerOf('ABAB', { tailFactor: 5 }, designOf({}, ['p99 < 50ms']))).toBe('breaker: latency');
  });
});

describe('a latency beyond its margin', () => {
  /** One full pair after the other, of which the ramp is the first. */
  const within2 = designOf({ sigmaD: 0.03 }, ['p50 within 2%']);
  const ramp = 'Ab'.repeat(within2.rampPairs);
  const slow: Sketch = { meanMs: 14 };

  test('a median two fifths higher in three candidate windows in a row ends the trial once four baseline windows say how much they vary', () => {
    expect(triggerOf(`${ramp}ABABABAB`, slow, within2)).toBe('breaker: margin');
    expect(triggerOf(`${ramp}ABABAB`, slow, within2)).toBeNull();
    expect(tripped(within2, story(`${ramp}ABABABAB`, slow))?.reason).toContain('p50 +40 %');
  });

  test('two such windows, slow neighbours, a median within a tenth of the margin or a wide margin trip nothing', () => {
    expect(triggerOf(`${ramp}AbABAbABAB`, slow, within2)).toBeNull();
    expect(triggerOf(`${ramp}aBaBaBaBaB`, slow, within2)).toBeNull();
    expect(triggerOf(`${ramp}ABABABABAB`, { meanMs: 11 }, within2)).toBeNull();
    expect(triggerOf(`${ramp}ABABABABAB`, slow, designOf({ sigmaD: 0.03 }, ['p50 within 50%']))).toBeNull();
  });

  test('what the baseline varies by itself trips nothing', () => {
    expect(triggerOf(`${ramp}AaAaBABABAB`, { meanMs: 14 }, within2)).toBeNull();
  });

  test('windows of too few calls for the quantile, and those of a hold-back, trip nothing', () => {
    const few = designOf({ sigmaD: 1 }, ['p99 within 10%']);
    expect(triggerOf(`${ramp}ABABABABAB`, { ...slow, ok: 400 }, few)).toBe('breaker: margin');
    expect(triggerOf(`${ramp}ABABABABAB`, { ...slow, ok: 390 }, few)).toBe('breaker: drop');
    expect(triggerOf('ABABABABAB', slow, { ...within2, purpose: 'hold-back', rampPairs: 0 })).toBeNull();
  });
});

describe('a drop', () => {
  test('two candidate windows 20 % below their neighbours trip the breaker', () => {
    expect(triggerOf('ABAB', { ok: 800 })).toBe('breaker: drop');
    expect(triggerOf('ABBA', { ok: 800 })).toBeNull();
  });

  test('two low candidate windows without a baseline window between them trip nothing: one outage may cover both', () => {
    expect(triggerOf('ABB', { ok: 500 })).toBeNull();
    expect(triggerOf('ABBAB', { ok: 500 })).toBe('breaker: drop');
  });

  test('a drop beside a baseline window that is no better trips nothing, also where the other neighbour is', () => {
    const goal = designOf({
      sigmaD: 0.03,
      goal: { ...design.goal, objective: { direction: 'maximize', metric: 'goodput', sloMs: 1 } },
    });
    const stalls = (arms: string, rates: readonly number[]): Measured[] =>
      arms.split('').map((letter, i) => ({
        arm: letter === 'a' ? 'baseline' : 'candidate',
        window: windowOf({ startMs: i * 1000, ok: Math.max(1, rates[i] as number), meanMs: rates[i] === 0 ? 50 : 0.1 }),
      }));
    expect(tripped(goal, stalls('ababa', [1400, 20, 1400, 20, 1400]))?.trigger).toBe('breaker: drop');
    expect(tripped(goal, stalls('ababa', [1400, 0, 1400, 0, 1400]))?.trigger).toBe('breaker: drop');
    expect(tripped(goal, stalls('abababa', [1400, 1400, 0, 0, 100, 50, 300]))).toBeNull();
    expect(tripped(goal, stalls('ababa', [1400, 100, 50, 100, 1400]))).toBeNull();
  });

  test('a drop of less than a tenth, or within the noise, trips nothing', () => {
    expect(triggerOf('ABAB', { ok: 920 })).toBeNull();
    expect(triggerOf('ABAB', { ok: 800 }, designOf({ sigmaD: 0.15 }))).toBeNull();
  });

  test('a drop below half trips the breaker whatever the noise was at rest', () => {
    expect(triggerOf('ABAB', { ok: 450 }, designOf({ sigmaD: 0.5 }))).toBe('breaker: drop');
    expect(triggerOf('ABAB', { ok: 550 }, designOf({ sigmaD: 0.5 }))).toBeNull();
  });

  test('what the candidate windows since have shown of the noise counts beside what the rest before had shown', () => {
    const calm = designOf({ sigmaD: 0.2 });
    expect(triggerOf('AbAbAB', { ok: 700 }, calm)).toBeNull();
    expect(triggerOf(`${'Ab'.repeat(30)}ABAB`, { ok: 700 }, calm)).toBe('breaker: drop');
  });

  test('in a hold-back it takes three, because it has many more windows of the candidate, or two below half', () => {
    const holdBack = designOf({ sigmaD: 0.03, purpose: 'hold-back' });
    expect(triggerOf('AbbBAB', { ok: 800 }, holdBack)).toBeNull();
    expect(triggerOf('AbBBAB', { ok: 800 }, holdBack)).toBe('breaker: drop');
    expect(triggerOf('AbbBAB', { ok: 400 }, holdBack)).toBe('breaker: drop');
  });

  test('windows between the pairs of a hold-back pass the breakers as those of pairs do', () => {
    const holdBack = designOf({ sigmaD: 0.03, purpose: 'hold-back' });
    const [first, gap, next, last] = story('ABAB', { ok: 400 });
    if (!first || !gap || !next || !last) throw new Error('four windows were sketched');
    const { step } = stepTrial(holdBack, [first, next, last], [gap]);
    expect('result' in step && step.result.trigger).toBe('breaker: drop');
  });

  test('two low windows between the pairs of a hold-back call for a pair at once, one does not', () => {
    const holdBack = designOf({ sigmaD: 0.03, purpose: 'hold-back' });
    expect(looksHarmful(holdBack, story('AbbBB', { ok: 800 }))).toBe(true);
    expect(looksHarmful(holdBack, story('AbbbB', { ok: 800 }))).toBe(false);
    expect(looksHarmful(holdBack, story('AbbBB', { others: { trap: 100 } }))).toBe(true);
  });

  test('a drop trips nothing once the candidate has recovered', () => {
    expect(triggerOf('ABAbAB', { ok: 700 })).toBeNull();
  });

  test('a rise of latency trips the breaker where latency is the objective', () => {
    const slower = designOf({
      sigmaD: 0.03,
      goal: { objective: { metric: 'mean', direction: 'minimize' }, guardrails: [] },
    });
    expect(triggerOf('ABAB', { meanMs: 14 }, slower)).toBe('breaker: drop');
    expect(triggerOf('ABAB', { meanMs: 7 }, slower)).toBeNull();
  });
});
