import { expect, it } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { readBeforeAfter } from '../../../tuner/trial/before-after.ts';
import { type Sketch, windowOf } from './build-window.ts';

const options = { alpha: 0.01 } as Parameters<typeof readBeforeAfter>[0]['options'];

function read(subjectTo: readonly string[], before: readonly Sketch[], after: readonly Sketch[]) {
  const windows = (sketches: readonly Sketch[]) =>
    sketches.map((sketch, i) => windowOf({ startMs: 1000 * i, ...sketch }));
  const session = { goal: parseGoal({ maximize: 'throughput', subjectTo }), options, load: 'closed' } as const;
  return readBeforeAfter(session, windows(before), windows(after));
}

const many = (count: number, sketch: Sketch = {}) => Array.from({ length: count }, () => sketch);
const stateOf = (...given: Parameters<typeof read>) => read(...given)[0]?.state;

it('a limit is read without windows on the default, and is broken once several windows prove it', () => {
  expect(stateOf(['errors < 1%'], [], many(4, { ok: 900, others: { trap: 100 } }))).toBe('broken');
  expect(stateOf(['errors < 1%'], [], many(2, { ok: 900, others: { trap: 100 } }))).toBe('undecided');
  expect(stateOf(['errors < 1%'], [], many(8))).toBe('holds');
  expect(stateOf(['p99 < 20ms'], [], many(6, { meanMs: 40 }))).toBe('broken');
  expect(stateOf(['mean < 20ms'], [], many(16, { meanMs: 40 }))).toBe('broken');
});

it('a limit that was broken for a while and holds again is no reason to go back', () => {
  const failing = many(12, { ok: 500, others: { trap: 500 } });
  expect(stateOf(['errors < 1%'], [], [...failing, {}])).toBe('undecided');
});

it('a limit that the default broke too is broken by what is worse than the default, and by nothing else', () => {
  const failing = (trap: number) => many(10, { ok: 1000 - trap, others: { trap } });
  expect(stateOf(['errors < 1%'], failing(100), failing(100))).not.toBe('broken');
  expect(stateOf(['errors < 1%'], failing(100), failing(50))).not.toBe('broken');
  expect(stateOf(['errors < 1%'], failing(100), failing(300))).toBe('broken');
});

it.each(['p50 within 2%', 'p99 within 10%', 'mean within 5%', 'cpu within 5%', 'errors within 0.1pp'])(
  '%s is broken by a loss by far, and unjudged without windows on the default',
  (guardrail) => {
    const harm: Sketch = { meanMs: 15, cpuMs: 150, ok: 950, others: { trap: 50 } };
    expect(stateOf([guardrail], many(12), many(8, harm))).toBe('broken');
    expect(stateOf([guardrail], many(12), many(2, harm))).toBe('undecided');
    expect(stateOf([guardrail], many(12), many(8))).not.toBe('broken');
    expect(stateOf([guardrail], many(2), many(8, harm))).toBe('unjudged');
  },
);

it('what is lost against the default is unjudged under another load', () => {
  const slow = { meanMs: 30, ok: 300 };
  expect(stateOf(['p50 within 2%'], many(12, { backlog: 8 }), many(8, { ...slow, backlog: 30 }))).toBe('unjudged');
});

it('a setting that is no worse is rarely called broken, also while the level drifts by more than the margin', () => {
  const runs = 300;
  const drift = 0.04;
  const looks = Array.from({ length: runs }, (_, seed) => {
    const random = randomStream(seed, 'before and after');
    const noisy = (count: number, level: number) =>
      Array.from({ length: count }, () => ({ ok: 500, meanMs: 10 * Math.exp(level + 0.05 * gaussian(random)) }));
    return stateOf(['p50 within 2%'], noisy(20, 0), noisy(20, drift));
  });
  expect(looks.filter((state) => state === 'broken').length / runs).toBeLessThanOrEqual(
    0.02 + 3 * Math.sqrt((0.02 * 0.98) / runs),
  );
});
