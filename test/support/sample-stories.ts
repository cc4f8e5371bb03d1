/** The sessions that views are tested with: a rich one, and those where there is little to say. */
import type { Entry } from '../../tuner/entries/entries.ts';
import { type SampleOptions, SampleSession, sampleStart } from './sample-ledger.ts';

/** A/A, × 5 committed, equivalent and cheaper committed, a breaker, a loss, a futile one, a sweep, patches. */
export function richStory(options: SampleOptions = {}): readonly Entry[] {
  const chosen = { ...sampleStart, batchSize: 64, threads: 2 };
  const grid = [1, 2, 4].flatMap((threads) =>
    [1, 8, 64, 256].map((batchSize) => {
      const rate =
        14_800 *
        Math.min(1, 0.55 + 0.24 * threads) *
        (batchSize === 1 ? 1 : batchSize === 8 ? 3.9 : batchSize === 64 ? 5.1 : 4.4 - 0.5 * threads);
      return {
        settings: { ...sampleStart, threads, batchSize },
        windows: 4,
        metric: { estimate: rate, low: rate * 0.972, high: rate * 1.028, level: 0.95 },
      };
    }),
  );
  return new SampleSession(options)
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 8, verdict: 'inconclusive', trigger: 'max duration' })
    .probe({ batchSize: 8 }, 57_000, 'the overhead of a batch apart from the time of a call')
    .trial({
      to: { batchSize: 64 },
      gain: 4.12,
      pairs: 9,
      predicted: { estimate: 3.6, low: 2.4, high: 5.2, level: 0.9 },
      proposalReason: 'a batch costs 61 µs and a call 1.9 µs, so 97 % of a batch of one is overhead',
      reason: 'better than 0 is proven and every guardrail holds',
    })
    .trial({
      to: { threads: 2 },
      gain: -0.002,
      pairs: 16,
      verdict: 'equivalent',
      trigger: 'equivalent-and-cheaper',
      predicted: { estimate: 0, low: -0.06, high: 0.05, level: 0.9 },
      proposalReason: 'two CPUs are usable, the third thread waits',
      reason: 'within ±2 % of each other, and one thread fewer',
    })
    .trial({
      to: { moduleCacheCapacity: 1 },
      gain: -0.38,
      pairs: 2,
      verdict: 'worse',
      trigger: 'breaker: drop',
      decision: 'revert',
      proposalReason: 'somebody pressed key 3',
      reason: 'two candidate windows in a row 38 % and 37 % below their neighbours',
    })
    .trial({
      to: { batchLingerMs: 1 },
      gain: -0.09,
      pairs: 12,
      verdict: 'worse',
      trigger: 'worse',
      decision: 'revert',
      proposalReason: 'a fuller batch costs less',
      predicted: { estimate: 0.08, low: -0.03, high: 0.19, level: 0.9 },
      reason: 'worse than −2 % is proven',
    })
    .record({
      kind: 'not-tried',
      code: 'small-gain',
      settings: { ...chosen, batchSize: 128 },
      reason: 'predicted gain 0.021 is not above minGain 0.05',
    })
    .record({
      kind: 'not-tried',
      code: 'nothing-predicted',
      settings: null,
      reason: 'no model predicts a gain above 0.05 from here',
    })
    .remark({
      kind: 'patch',
      settings: chosen,
      patches: [
        {
          knob: 'batchSize',
          patch: { file: 'sandtune.config.mts', before: '  batchSize: 1,', after: '  batchSize: 64,' },
        },
        { knob: 'threads', patch: { file: 'sandtune.config.mts', before: '  threads: 3,', after: '  threads: 2,' } },
      ],
    })
    .remark({
      kind: 'overhead',
      fraction: { estimate: 0.008, low: 0.001, high: 0.016, level: 0.95 },
      pairs: 12,
      how: 'recording on against off, interleaved',
    })
    .remark({ kind: 'sweep', title: 'grid re-measured in turns', points: grid })
    .remark({
      kind: 'accounting',
      offered: 3_214_207,
      inFlight: 0,
      outcomes: { ok: 3_213_790, trap: 3, timeout: 12, cancelled: 402, rejected: 0, shed: 0, lost: 0 },
    })
    .remark({
      kind: 'note',
      code: 'other',
      title: 'Crash',
      text: 'A child was killed inside a trial; its next start was on the anchor.',
    })
    .stop().entries;
}

/** Two changes tried, neither worth it. */
export function noChangeStory(options: SampleOptions = {}): readonly Entry[] {
  return new SampleSession(options)
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 8, verdict: 'inconclusive', trigger: 'max duration' })
    .trial({
      to: { threads: 4 },
      gain: 0.001,
      pairs: 18,
      verdict: 'equivalent',
      trigger: 'equivalent',
      decision: 'hold',
      reason: 'within ±2 % of each other, and not cheaper',
    })
    .trial({
      to: { batchSize: 2 },
      gain: -0.06,
      pairs: 14,
      verdict: 'worse',
      trigger: 'worse',
      decision: 'revert',
      reason: 'worse than −2 % is proven',
    })
    .record({
      kind: 'not-tried',
      code: 'nothing-predicted',
      settings: null,
      reason: 'no model predicts a gain above 0.05 from here',
    })
    .stop().entries;
}

/** Killed inside its only trial. */
export function interruptedStory(options: SampleOptions = {}): readonly Entry[] {
  return new SampleSession(options)
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 8, verdict: 'inconclusive', trigger: 'max duration' })
    .trial({
      to: { batchSize: 64 },
      gain: 4.1,
      pairs: 3,
      cutOff: true,
      predicted: { estimate: 3.6, low: 2.4, high: 5.2, level: 0.9 },
      proposalReason: 'batches are cheap',
    }).entries;
}

/** Mode advise: a prediction nobody tried. */
export function adviceStory(options: SampleOptions = {}): readonly Entry[] {
  const settings = { ...sampleStart, batchSize: 64 };
  return new SampleSession({ ...options, tune: { mode: 'advise', ...options.tune } })
    .baseline()
    .record({
      kind: 'recommendation',
      priority: 'high',
      settings,
      reason: 'a batch costs 61 µs and a call 1.9 µs',
      evidence: 'predicted, not tried (mode advise)',
    })
    .remark({
      kind: 'patch',
      settings,
      patches: [{ knob: 'batchSize', patch: { before: 'batchSize: 1', after: 'batchSize: 64' } }],
    })
    .stop().entries;
}

/** Every kind of entry, in as few as that takes: a short session that nobody would run. */
export function everyKindStory(options: SampleOptions = {}): readonly Entry[] {
  const to = { ...sampleStart, batchSize: 64 };
  const atMs = 2_000;
  return new SampleSession(options)
    .baseline(3)
    .trial({ purpose: 'a/a', gain: 0, pairs: 1, verdict: 'inconclusive', trigger: 'max duration' })
    .probe({ batchSize: 8 }, 57_000, 'what a batch costs')
    .event({ kind: 'done', atMs })
    .event({ kind: 'propose', atMs, proposal: { settings: { batchSize: 64 }, reason: 'somebody asked' } })
    .trial({
      to: { batchSize: 64 },
      gain: 4.12,
      pairs: 2,
      predicted: { estimate: 3.6, low: 2.4, high: 5.2, level: 0.9 },
      waitsFor: [{ text: 'p99 within 10%', detail: 'too few calls' }],
    })
    .trial({ to: { threads: 2 }, gain: 0.2, pairs: 1, asked: true })
    .event({ kind: 'answer', atMs, trial: 3, accept: false })
    .record({
      kind: 'decision',
      trial: 3,
      decision: 'hold',
      trigger: 'declined',
      settings: to,
      callsAffected: 0,
      afterMs: 900,
      reason: 'the answer was no',
    })
    .trial({ to: { moduleCacheCapacity: 1 }, gain: -0.4, pairs: 1, trigger: 'breaker: drop', decision: 'revert' })
    .record({ kind: 'back-off', settings: { ...to, moduleCacheCapacity: 1 }, failures: 1, atMs, untilMs: 90_000 })
    .record({ kind: 'knob-rest', knob: 'threads', failures: 1, atMs, untilMs: 90_000 })
    .record({
      kind: 'limit',
      is: 'broken',
      guardrail: 'p99 < 1ms',
      metric: 'p99',
      value: 2,
      calls: 9,
      atMs,
    })
    .record({ kind: 'shift', of: 'load', from: 500, to: 1000, windows: 2, atMs, reason: 'the load went up' })
    .record({ kind: 'not-tried', code: 'small-gain', settings: to, reason: 'not above minGain' })
    .record({ kind: 'recommendation', priority: 'low', settings: to, reason: 'it is so', evidence: 'a model' })
    .remark({
      kind: 'patch',
      settings: to,
      patches: [{ knob: 'batchSize', patch: { file: 'a.mts', before: 'a', after: 'b' } }],
    })
    .remark({
      kind: 'overhead',
      fraction: { estimate: 0.008, low: 0.001, high: 0.016, level: 0.95 },
      pairs: 12,
      how: 'recording on against off',
    })
    .remark({
      kind: 'sweep',
      title: 'in turns',
      points: [
        { settings: sampleStart, windows: 4, metric: { estimate: 14_800, low: 14_000, high: 15_000, level: 0.95 } },
        {
          settings: to,
          windows: 4,
          metric: { estimate: 74_000, low: 70_000, high: 75_000, level: 0.95 },
          gain: { estimate: 4, low: 3.9, high: 4.1, level: 0.95 },
        },
      ],
    })
    .remark({
      kind: 'accounting',
      offered: 1000,
      inFlight: 0,
      outcomes: { ok: 990, trap: 3, timeout: 0, cancelled: 7, rejected: 0, shed: 0, lost: 0 },
    })
    .remark({ kind: 'pruned', windows: 2 })
    .remark({ kind: 'note', code: 'other', title: 'Crash', text: 'A child was killed inside a trial.' })
    .event({
      kind: 'failed',
      atMs,
      what: 'measure',
      message: 'no window',
      settings: to,
      knobs: [{ id: 'threads', value: 2 }],
    })
    .event({ kind: 'ledger', atMs, writable: false, reason: 'the disk is full' })
    .event({ kind: 'anchor', atMs, settings: to })
    .record({ kind: 'follow', settings: to, outcome: 'left', unjudged: ['p99'], reason: 'p99 is broken' })
    .event({ kind: 'off', atMs, reason: 'switched off' })
    .stop().entries;
}
