import { trace } from '@opentelemetry/api';
import { afterEach, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { startTrialSpan } from '../../src/measure/spans.ts';
import { ns, registerTelemetry, unregisterTelemetry } from './spans-support.ts';

afterEach(unregisterTelemetry);

const { clock } = manualTime();
const begin = () =>
  startTrialSpan({
    clock,
    startMs: 1000,
    executor: 'demo',
    trial: 3,
    purpose: 'candidate',
    baseline: { threads: 2 },
    candidate: { threads: 4 },
  });
const originNs = 1_700_000_000_000n * 1_000_000n;

it('a trial is a trace of its own, its decision a child at the moment it was taken', () => {
  using telemetry = registerTelemetry();
  const trial = begin();
  trial.decision({ atMs: 9000, decision: 'commit', trigger: 'better', settings: { threads: 4 } });
  trial.end({
    endMs: 9001,
    verdict: 'better',
    effect: { estimate: 0.1, low: 0.05, high: 0.2, level: 0.99 },
    allCalls: { estimate: 0.08, low: 0.02, high: 0.14, level: 0.95 },
    eValue: 180,
    pairs: 12,
  });
  const [parent] = telemetry.spans('sandtune.trial');
  const [decision] = telemetry.spans('sandtune.decision');
  expect(parent!.parentSpanContext).toBeUndefined();
  expect([ns(parent!.startTime), ns(parent!.endTime)]).toEqual([originNs + 1_000_000_000n, originNs + 9_001_000_000n]);
  expect(decision!.parentSpanContext?.spanId).toBe(parent!.spanContext().spanId);
  expect([ns(decision!.startTime), ns(decision!.endTime)]).toEqual([
    originNs + 9_000_000_000n,
    originNs + 9_000_000_001n,
  ]);
  expect(parent!.attributes).toEqual({
    'sandtune.executor': 'demo',
    'sandtune.trial': 3,
    'sandtune.trial.purpose': 'candidate',
    'sandtune.trial.baseline': '{"threads":2}',
    'sandtune.trial.candidate': '{"threads":4}',
    'sandtune.trial.verdict': 'better',
    'sandtune.trial.pairs': 12,
    'sandtune.trial.e_value': 180,
    'sandtune.trial.effect': 0.1,
    'sandtune.trial.effect_low': 0.05,
    'sandtune.trial.effect_high': 0.2,
    'sandtune.trial.all_calls': 0.08,
  });
  expect(decision!.attributes).toEqual({
    'sandtune.decision': 'commit',
    'sandtune.decision.trigger': 'better',
    'sandtune.settings': '{"threads":4}',
  });
});

it('a span keeps its length when the system clock is stepped meanwhile, and the next one has the new time', () => {
  using telemetry = registerTelemetry();
  const time = manualTime();
  const start = { clock: time.clock, executor: 'demo', trial: 1, purpose: 'a/a', baseline: {}, candidate: {} };
  const trial = startTrialSpan({ ...start, startMs: 1000 });
  time.step(-7_200_000);
  trial.end({ endMs: 3000 });
  startTrialSpan({ ...start, startMs: 4000 }).end({ endMs: 5000 });
  const [first, second] = telemetry.spans('sandtune.trial');
  expect(ns(first!.endTime) - ns(first!.startTime)).toBe(2_000_000_000n);
  expect(ns(second!.startTime) - ns(first!.startTime)).toBe(3_000_000_000n - 7_200_000_000_000n);
});

it('the span of a trial ends once, and takes nothing after its end', () => {
  using telemetry = registerTelemetry();
  const trial = begin();
  trial.end({ endMs: 1000 });
  trial.end({ endMs: 2000 });
  trial.decision({ atMs: 3000, decision: 'revert', trigger: 'worse', settings: {} });
  expect(telemetry.spans().map((span) => span.name)).toEqual(['sandtune.trial']);
  expect(ns(telemetry.spans()[0]!.endTime)).toBe(originNs + 1_000_000_001n);
});

it('spans of trials do nothing where no SDK is registered', () => {
  const trial = begin();
  trial.decision({ atMs: 2000, decision: 'revert', trigger: 'worse', settings: {} });
  trial.end({ endMs: 3000 });
  expect(trial.errorCount).toBe(0);
});

it('an SDK that throws is counted and breaks no span of a trial', () => {
  const broken = () => {
    throw new Error('on fire');
  };
  trace.setGlobalTracerProvider({ getTracer: broken });
  const trial = begin();
  trial.end({ endMs: 3000 });
  expect(trial.errorCount).toBe(1);
});
