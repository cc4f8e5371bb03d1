import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Settings } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { knob, ok, seenWith, took } from './seen.ts';

const random = randomStream(1);
const codec = knob('codec', { domain: ['gzip', 'brotli', 'none'], defaultValue: 'gzip' });
const gzip = { codec: 'gzip' };

/** Windows of one second in which calls of `meanMs` ran one after the other. */
function windows(settings: Settings, meanMs: number, count = 4) {
  return Array.from({ length: count }, (_, index) => {
    const calls = Math.round((1000 / meanMs) * (1 + 0.01 * (index % 2)));
    return emptyWindow({
      settings,
      endMs: 1000,
      offered: calls,
      outcomes: { ...ok, ok: calls },
      latency: took(meanMs, calls),
      service: took(meanMs, calls),
    });
  });
}

describe('a choice that no model knows', () => {
  it('a choice that no model knows is visited at each of its values before anything is proposed', () => {
    expect(predict(seenWith([codec], gzip, windows(gzip, 4)), random)).toMatchObject({ probe: { codec: 'brotli' } });
    const one = [...windows(gzip, 4), ...windows({ codec: 'brotli' }, 8)];
    expect(predict(seenWith([codec], gzip, one), random)).toMatchObject({ probe: { codec: 'none' } });
  });

  it('a choice that no model knows is proposed at the best value seen, with the gain that was measured there', () => {
    const all = [...windows(gzip, 4), ...windows({ codec: 'brotli' }, 8), ...windows({ codec: 'none' }, 2)];
    const answer = predict(seenWith([codec], gzip, all), random);
    expect(answer).toMatchObject({ model: 'choice', settings: { codec: 'none' } });
    expect('gain' in answer && answer.gain.low).toBeLessThan(1);
    expect('gain' in answer && answer.gain.high).toBeGreaterThan(1);
  });

  it('a choice that no model knows is left alone where it stands at its best value', () => {
    const all = [...windows(gzip, 2), ...windows({ codec: 'brotli' }, 8), ...windows({ codec: 'none' }, 4)];
    expect(predict(seenWith([codec], gzip, all), random)).toEqual({ none: expect.stringContaining('choice: codec') });
  });

  it('a value of a choice is not visited where it is ruled out or needs a restart', () => {
    const ruledOut = [{ codec: 'brotli' }];
    expect(predict(seenWith([codec], gzip, windows(gzip, 4), { ruledOut }), random)).toMatchObject({
      probe: { codec: 'none' },
    });
    const fixed = { ...codec, moves: { up: 'restart', down: 'restart' } } as const;
    expect(predict(seenWith([fixed], gzip, windows(gzip, 4)), random)).toHaveProperty('none');
  });

  it('a switch is visited as a choice, and a range of numbers is not', () => {
    const fast = knob('fast', { domain: [false, true], defaultValue: false });
    expect(predict(seenWith([fast], { fast: false }, windows({ fast: false }, 4)), random)).toMatchObject({
      probe: { fast: true },
    });
    expect(predict(seenWith([knob('dial')], { dial: 1 }, windows({ dial: 1 }, 4)), random)).toEqual({
      none: 'no model knows any of these knobs',
    });
  });

  it('a choice that a model knows is left to the model', () => {
    const idle = knob('idleTimeoutMs', { domain: [0, 1000, 10_000], defaultValue: 0 });
    const settings = { idleTimeoutMs: 0 };
    const [view, ...more] = explain(seenWith([idle], settings, windows(settings, 4)));
    expect([view?.model, more]).toEqual(['idle-timeout', []]);
  });
});
