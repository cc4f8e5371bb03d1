import { createRequire } from 'node:module';
import { context, DiagLogLevel, diag, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/contracts.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { version } from '../../src/foundation/version.ts';
import { ns, registerTelemetry, type TraceApi, unregisterTelemetry } from './spans-support.ts';
import { type Bench, bench, ran } from './support.ts';

const everyCall = { sampleEvery: 1 };
const originNs = 1_700_000_000_000n * 1_000_000n;

afterEach(unregisterTelemetry);

/** A call all of whose stamps are known, 26 ms long with a cold start of 2 ms, up to its end. */
function tracedCall({ offer, time }: Bench, { waitMs = 10, coldStartMs = 2 } = {}) {
  const beganMs = time.clock.now();
  const call = offer();
  time.advance(waitMs);
  call.dispatched();
  time.advance(26 - waitMs);
  const told = ran({
    receivedMs: beganMs + 11,
    beganMs: beganMs + 14,
    coldStartMs,
    endedMs: beganMs + 20,
    returnedMs: beganMs + 25,
  });
  return {
    ok: () => call.ok(1, told),
    failed: (outcome: Exclude<Outcome, 'ok'>, error?: unknown) => call.failed(outcome, error, told),
    traceparent: call.traceparent,
  };
}

describe('a traced call', () => {
  it('a traced call is kept by an SDK that came after the executor, by another copy of the API', () => {
    const executor = bench({ spans: everyCall });
    tracedCall(executor).ok();
    const other = createRequire(import.meta.url)('@opentelemetry/api') as { readonly trace: TraceApi };
    expect(other.trace).not.toBe(trace);
    using telemetry = registerTelemetry(undefined, other.trace);
    tracedCall(executor).ok();
    expect(telemetry.spans('sandtune.call')).toHaveLength(1);
  });

  it('a traced call becomes sandtune.call from intended start to settlement, with its child sandtune.cold_start', () => {
    using telemetry = registerTelemetry();
    tracedCall(bench({ spans: everyCall })).ok();
    const [call] = telemetry.spans('sandtune.call');
    const [start] = telemetry.spans('sandtune.cold_start');
    expect(ns(call!.startTime)).toBe(originNs + 1_000_000_000n);
    expect(ns(call!.endTime)).toBe(originNs + 1_026_000_000n);
    expect(ns(start!.startTime)).toBe(originNs + 1_014_000_000n);
    expect(ns(start!.endTime)).toBe(originNs + 1_016_000_000n);
    expect(start!.parentSpanContext?.spanId).toBe(call!.spanContext().spanId);
    expect(start!.spanContext().traceId).toBe(call!.spanContext().traceId);
    expect(call!.parentSpanContext).toBeUndefined();
    expect([call!.kind, start!.kind]).toEqual([SpanKind.INTERNAL, SpanKind.INTERNAL]);
    expect(call!.status.code).toBe(SpanStatusCode.UNSET);
    expect(call!.attributes).toEqual({
      'sandtune.executor': 'bench',
      'sandtune.function': 'f',
      'sandtune.epoch': 0,
      'sandtune.outcome': 'ok',
      'sandtune.stage.queue': 0.01,
      'sandtune.stage.wake_up': 0.001,
      'sandtune.stage.batch': 0.008,
      'sandtune.stage.start': 0.002,
      'sandtune.stage.execute': 0.004,
      'sandtune.stage.return': 0.001,
    });
  });

  it('a traced call has no sandtune.cold_start when nothing was started', () => {
    using telemetry = registerTelemetry();
    tracedCall(bench({ spans: everyCall }), { coldStartMs: Number.NaN }).ok();
    expect(telemetry.spans().map((span) => span.name)).toEqual(['sandtune.call']);
  });

  it('the span of a call that failed carries the error, its type and stage, and error status', () => {
    using telemetry = registerTelemetry();
    const error = new SandtuneError('ERR_SANDTUNE_DEADLINE', 'took too long', { outcome: 'timeout', stage: 'execute' });
    tracedCall(bench({ spans: everyCall })).failed('timeout', error);
    const [call] = telemetry.spans('sandtune.call');
    expect(call!.status).toEqual({ code: SpanStatusCode.ERROR, message: 'took too long' });
    expect(call!.events.map((event) => [event.name, event.attributes?.['exception.message']])).toEqual([
      ['exception', 'took too long'],
    ]);
    expect(call!.attributes).toMatchObject({
      'sandtune.outcome': 'timeout',
      'error.type': 'ERR_SANDTUNE_DEADLINE',
      'sandtune.error.stage': 'execute',
    });
    expect(call!.attributes).not.toHaveProperty('sandtune.stage.queue');
  });

  it('the span of a call has the outcome for its error type when the error is not of sandtune', () => {
    using telemetry = registerTelemetry();
    tracedCall(bench({ spans: everyCall })).failed('trap', new RangeError('memory access out of bounds'));
    expect(telemetry.spans('sandtune.call')[0]!.attributes['error.type']).toBe('trap');
  });

  it('the span of a call comes from the scope sandtune, with the version of the package and of the conventions', () => {
    using telemetry = registerTelemetry();
    tracedCall(bench({ spans: everyCall })).ok();
    expect(telemetry.spans('sandtune.call')[0]!.instrumentationScope).toEqual({
      name: 'sandtune',
      version,
      schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
    });
  });

  it('the span of a call lasts at least 1 ns and ends now when no settlement was stamped', () => {
    using telemetry = registerTelemetry();
    bench({ spans: everyCall }).offer().failed('shed', new Error('full'));
    const [call] = telemetry.spans();
    expect(ns(call!.endTime) - ns(call!.startTime)).toBe(1n);
  });

  it('the span of a call ends once', () => {
    using telemetry = registerTelemetry();
    const room = bench({ spans: everyCall });
    using open = room.recorder.openWindow();
    const call = tracedCall(room);
    call.ok();
    call.failed('trap', new Error('late'));
    expect(telemetry.spans('sandtune.call')).toHaveLength(1);
    expect(open.cut().stageSamples).toBe(1);
  });

  it('a traced call gives a W3C traceparent for its worker', () => {
    using telemetry = registerTelemetry();
    const call = tracedCall(bench({ spans: everyCall }));
    const { traceparent } = call;
    call.ok();
    const { traceId, spanId } = telemetry.spans('sandtune.call')[0]!.spanContext();
    expect(traceparent).toBe(`00-${traceId}-${spanId}-01`);
  });
});

describe('which calls get a span', () => {
  const never = { spans: { sampleEvery: 1_000_000 }, randomSource: () => 0.999 };

  it("every call made inside a recorded span gets a span, as that span's child", () => {
    using telemetry = registerTelemetry();
    const { offer } = bench(never);
    const parent = trace.getTracer('test').startSpan('parent');
    context.with(trace.setSpan(context.active(), parent), () => {
      for (let i = 0; i < 3; i++) offer().ok(1);
    });
    const calls = telemetry.spans('sandtune.call');
    expect(calls).toHaveLength(3);
    for (const call of calls) expect(call.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  });

  it('a call with a span of its own only because of its parent is not counted for the stage times', () => {
    using telemetry = registerTelemetry();
    const room = bench(never);
    using open = room.recorder.openWindow();
    const parent = trace.getTracer('test').startSpan('parent');
    context.with(trace.setSpan(context.active(), parent), () => tracedCall(room).ok());
    expect(telemetry.spans('sandtune.call')).toHaveLength(1);
    expect(open.cut()).toMatchObject({ stageSamples: 0, stages: {} });
  });

  it('inside a span that is not recorded, or none, only drawn calls get a span', () => {
    // This sampler would keep a child of an unsampled parent, if it were asked.
    using telemetry = registerTelemetry(new AlwaysOnSampler());
    const { offer } = bench(never);
    offer().ok(1);
    const unsampled = trace.wrapSpanContext({
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      traceFlags: TraceFlags.NONE,
    });
    context.with(trace.setSpan(context.active(), unsampled), () => {
      offer().ok(1);
    });
    expect(telemetry.spans()).toEqual([]);
  });

  it('one call in N is drawn, at distances that vary', () => {
    using telemetry = registerTelemetry();
    const { offer } = bench({ spans: { sampleEvery: 64 }, randomSource: randomStream(7) });
    const drawn: number[] = [];
    for (let i = 0; i < 64_000; i++) {
      const call = offer();
      if (call.traceparent !== undefined) drawn.push(i);
      call.ok(1);
    }
    expect(telemetry.spans()).toHaveLength(drawn.length);
    // 1000 ± 5 standard deviations of a sum of uniform distances.
    expect(drawn.length).toBeGreaterThan(900);
    expect(drawn.length).toBeLessThan(1100);
    // In batches of 64 every place is seen.
    expect(new Set(drawn.map((i) => i % 64)).size).toBe(64);
  });

  it('a sampler that drops the span of a call leaves its stage times', () => {
    using telemetry = registerTelemetry(new AlwaysOffSampler());
    const room = bench({ spans: everyCall });
    using open = room.recorder.openWindow();
    const call = tracedCall(room);
    expect(call.traceparent).toBeUndefined();
    call.ok();
    expect(telemetry.spans()).toEqual([]);
    expect(open.cut().stageSamples).toBe(1);
  });
});

describe('stage times', () => {
  it('stage times are the means of sampled ok calls of the epoch', () => {
    const room = bench({ spans: { enabled: false, sampleEvery: 1 } });
    const { recorder } = room;
    using open = recorder.openWindow();
    tracedCall(room).ok();
    tracedCall(room, { waitMs: 0 }).ok();
    tracedCall(room).failed('trap');
    const old = tracedCall(room);
    const { stages, stageSamples } = open.cut();
    expect(stageSamples).toBe(2);
    expect(stages).toEqual({ queue: 5, 'wake-up': 6, batch: 8, start: 2, execute: 4, return: 1 });
    recorder.changed({ threads: 3 });
    old.ok();
    expect(open.cut().stageSamples).toBe(0);
  });
});

describe('telemetry that is absent or broken', () => {
  it('without an SDK a sampled call throws nothing, counts no failure, and has stage times', () => {
    const room = bench({ spans: everyCall });
    using open = room.recorder.openWindow();
    const call = tracedCall(room);
    expect(call.traceparent).toBeUndefined();
    call.ok();
    tracedCall(room).failed('trap', 'a thrown string');
    expect(open.cut().stageSamples).toBe(1);
    expect(room.recorder.totals().telemetryErrorCount).toBe(0);
  });

  it('where telemetry throws anywhere, the call goes on, the failure is counted and diag has it', () => {
    const told: string[] = [];
    const log = () => {};
    diag.setLogger(
      { error: (message) => told.push(message), warn: log, info: log, debug: log, verbose: log },
      DiagLogLevel.ERROR,
    );
    const broken = () => {
      throw new Error('exporter on fire');
    };
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: broken, startActiveSpan: broken }) });
    const room = bench({ spans: everyCall });
    const call = tracedCall(room);
    call.ok();
    expect(room.recorder.totals().telemetryErrorCount).toBe(1);
    expect(told).toEqual([expect.stringContaining('calls are not affected')]);
  });

  it('where telemetry throws at the end of a span, settling does not throw, and the span is still ended', () => {
    using telemetry = registerTelemetry();
    const room = bench({ spans: everyCall });
    const call = tracedCall(room);
    const error = new Error('boom');
    Object.defineProperty(error, 'stack', {
      get: () => {
        throw new Error('hostile getter');
      },
    });
    expect(() => call.failed('trap', error)).not.toThrow();
    const [ended] = telemetry.spans('sandtune.call');
    expect(ended!.status).toEqual({ code: SpanStatusCode.ERROR, message: 'boom' });
    expect(room.recorder.totals().telemetryErrorCount).toBe(1);
  });
});
