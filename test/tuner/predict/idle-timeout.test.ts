import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Seen, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { recommendSettings } from '../../../tuner/predict/recommend.ts';
import { knob, ok, seenWith, took } from './seen.ts';

const random = randomStream(1);

describe('the idle time-out rule', () => {
  const idle = knob('idleTimeoutMs', { domain: { min: 0, max: 600_000, scale: 'linear', integer: true } });
  const settings = { idleTimeoutMs: 0 };
  const window = (workerStarts: number, latencyMs: number, lost = 0) =>
    emptyWindow({
      settings,
      offered: 1000 + lost,
      outcomes: { ...ok, lost },
      latency: took(latencyMs),
      wait: took(0.8 * latencyMs),
      work: { batches: 1000, batchedCalls: 1000, batchMs: 900, executeMs: 500, busyFraction: 0.3, workerStarts },
      cpuMs: 300,
      workerCpuMs: 200,
    });
  const mean: Seen['goal'] = { objective: { metric: 'mean', direction: 'minimize' }, guardrails: [] };
  const bursts = [window(6, 39), window(5, 40), window(0, 7), window(6, 38), window(0, 8), window(7, 41)];
  const seenOf = (windows: readonly Window[]) => seenWith([idle], settings, windows, { load: 'open', goal: mean });

  it('a longer idle time-out is recommended where workers start again and again, with the measured evidence', () => {
    const [first] = recommendSettings(seenOf(bursts));
    expect(first).toMatchObject({ priority: 'high', settings: { idleTimeoutMs: 10_000 } });
    expect(first?.evidence).toMatch(/8 worker starts a second .* against 7\.\d+ ms in windows without/);
  });

  it('a longer idle time-out is proposed for a trial, with the gain seen between windows with and without starts', () => {
    const answer = predict(seenOf(bursts), random);
    expect(answer).toMatchObject({ model: 'idle-timeout', settings: { idleTimeoutMs: 10_000 } });
    expect('gain' in answer && answer.gain.low).toBeLessThan(39.5 / 7.5 - 1);
    expect('gain' in answer && answer.gain.high).toBeGreaterThan(39.5 / 7.5 - 1);
  });

  it('callers that come round when all their calls are back are expected to gain what the starts cost them, less their pauses', () => {
    // A round takes 90 ms, of which the workers' start is the most, and its caller pauses for 10.
    const rounds = { rounds: 5, freshRounds: 5, freshGapMs: 50, freshCycleMs: 500 };
    const seen = seenWith(
      [idle],
      settings,
      bursts.map((one) => ({ ...one, ...rounds })),
    );
    const answer = predict(seen, random);
    expect(answer).toMatchObject({ model: 'idle-timeout', settings: { idleTimeoutMs: 10_000 } });
    const shorter = 7.5 / 39.5;
    expect('gain' in answer && answer.gain.estimate).toBeCloseTo(1 / (0.1 + 0.9 * shorter) - 1, 0);
  });

  it.each([
    ['workers start once', [window(6, 39), ...Array.from({ length: 9 }, () => window(0, 7))]],
    ['workers start to replace lost ones', bursts.map((one) => ({ ...one, outcomes: { ...ok, lost: 3 } }))],
    ['calls take no longer beside starts than without', bursts.flatMap((one) => [one, { ...one, ...window(0, 60) }])],
    ['calls take longer in the one window without starts', [...bursts.filter((_, at) => at % 2 === 0), window(0, 60)]],
    ['calls hardly wait', bursts.map((one) => ({ ...one, wait: took(0.3) }))],
    ['there is a time-out already', bursts.map((one) => ({ ...one, settings: { idleTimeoutMs: 5000 } }))],
  ])('no other idle time-out is recommended or proposed when %s', (_, windows) => {
    const seen = { ...seenOf(windows), current: windows[0]?.settings ?? settings };
    expect(recommendSettings(seen)).toEqual([]);
    expect(predict(seen, random)).not.toMatchObject({ model: 'idle-timeout' });
  });

  it('a goal of calls in time gets no recommendation where as many are in time beside starts, and the shares where fewer are', () => {
    const goalOf = (sloMs: number): Seen['goal'] => ({
      objective: { metric: 'goodput', direction: 'maximize', sloMs },
      guardrails: [],
    });
    const [first] = recommendSettings({ ...seenOf(bursts), goal: goalOf(20) });
    expect(first?.evidence).toMatch(/; \d+ % of their calls in time, against 100 %$/);
    expect(recommendSettings({ ...seenOf(bursts), goal: goalOf(1000) })).toEqual([]);
  });

  it('where every window has starts, the evidence says that there is none to compare with', () => {
    const [first] = recommendSettings(seenOf(bursts.map((one) => ({ ...one, ...window(6, 39) }))));
    expect(first?.evidence).toContain('which no window without can be compared with');
  });

  it('what a trial has ruled out is not recommended', () => {
    const seen = { ...seenOf(bursts), ruledOut: [{ idleTimeoutMs: 10_000 }] };
    expect(recommendSettings(seen)).toEqual([]);
  });

  it('a recommendation that gets no trial says why, and one that a model proposes says nothing of the kind', () => {
    const open: Seen = {
      ...seenOf(bursts),
      goal: { objective: { metric: 'throughput', direction: 'maximize' }, guardrails: [] },
    };
    expect(predict(open, random)).not.toMatchObject({ model: 'idle-timeout' });
    expect(recommendSettings(open)[0]?.reason).toMatch(
      /; not tried by itself, because no gain of throughput is predicted/,
    );
    expect(recommendSettings(seenOf(bursts))[0]?.reason).not.toContain('not tried');
  });
});
