/** Real export bytes of real spans, judged by the official definitions and by Jaeger's rules. */
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { startOtlp } from '../../../exporters/otlp/index.ts';
import { wrap } from '../../../src/adapters/wrap.ts';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { calc } from '../../integration/sandbox/guests.ts';
import { findProgram, findVariable } from '../../support/require-program.ts';
import { tunedWorld } from '../../support/tuned-world.ts';
import { type Decoded, decode } from './decoded.ts';
import { brokenRules } from './jaeger-rules.ts';
import { startReceiver } from './receiver.ts';

const protoc = findProgram('protoc', 'apt-get install protobuf-compiler');
const jaeger = findVariable('JAEGER_QUERY_URL', "the address of Jaeger's query service, http://localhost:16686");

/** One request with calls that go well, fail, and have names outside ASCII. */
async function tracedWork(): Promise<string> {
  const double = wrap(async (n: number) => n * 2, { name: 'verdoppeln – 二倍 🎈', spans: { sampleEvery: 1 } });
  const fails = wrap(async (): Promise<void> => Promise.reject(new Error('geht nicht: ü')), {
    name: 'fails',
    spans: { sampleEvery: 1 },
  });
  const traceId = await trace.getTracer('test').startActiveSpan('request', async (span) => {
    await Promise.all([double.run(1), double.run(2), fails.run(0).catch(() => {})]);
    span.setStatus({ code: SpanStatusCode.OK });
    span.end();
    return span.spanContext().traceId;
  });
  // Without a span around it, a call is a trace of its own.
  await double.run(3);
  return traceId;
}

/** A call across the pool that starts its instance, and a trial that is reverted. */
async function tracedSandboxAndTrial(): Promise<void> {
  const sandbox = await createSandbox({ name: 'calc', guests: { calc: { module: calc } }, threads: 1 });
  await trace.getTracer('test').startActiveSpan('cold request', async (span) => {
    await sandbox.run({ function: 'calc.add', args: [1, 2] });
    span.end();
  });
  await sandbox.close();
  const { tuner } = tunedWorld({ rate: ({ size }) => (size === 64 ? 3000 : 10_000) }, { expert: { noisePairs: 0 } });
  await tuner.propose({ size: 64 });
  await tuner.stop();
}

/** All in one export, however long a busy machine takes. */
const atTheEnd = { scheduledDelayMs: 600_000 };

describe.skipIf(protoc.missing)(`what is sent${protoc.note}`, () => {
  async function sent(work: () => Promise<unknown> = tracedWork): Promise<Decoded> {
    await using receiver = await startReceiver();
    await using otlp = await startOtlp({ endpoint: receiver.endpoint, serviceName: 'läden', ...atTheEnd });
    await work();
    await otlp.shutdown();
    expect(receiver.received).toHaveLength(1);
    return decode(protoc.path, receiver.received[0]?.body as Buffer);
  }

  it('the spans sent are what the official definitions describe, and break none of the rules of Jaeger', async () => {
    const decoded = await sent();
    expect(decoded.services).toEqual(['läden']);
    expect(decoded.spans.map((span) => span.name.toString()).sort()).toEqual([
      'request',
      'sandtune.call',
      'sandtune.call',
      'sandtune.call',
      'sandtune.call',
    ]);
    expect(brokenRules(decoded)).toEqual([]);
    const request = decoded.spans.find((span) => span.name.toString() === 'request');
    const children = decoded.spans.filter((span) => span.parentSpanId === request?.spanId);
    expect(children.map((span) => span.attributes['sandtune.outcome'] ?? '').sort()).toEqual(['ok', 'ok', 'trap']);
    expect(children.map((span) => span.attributes['sandtune.executor'])).toContain('verdoppeln – 二倍 🎈');
  });

  it('the spans sent have the right parents across the pool, and a trial with its decision is a trace of its own', async () => {
    const decoded = await sent(tracedSandboxAndTrial);
    expect(brokenRules(decoded)).toEqual([]);
    const named = (name: string) => decoded.spans.filter((span) => span.name.toString() === name);
    const [request] = named('cold request');
    const [call] = named('sandtune.call');
    const [start] = named('sandtune.cold_start');
    const [trial] = named('sandtune.trial');
    const [decision] = named('sandtune.decision');
    expect(decoded.spans).toHaveLength(5);
    expect([call?.parentSpanId, start?.parentSpanId]).toEqual([request?.spanId, call?.spanId]);
    expect([trial?.parentSpanId, decision?.parentSpanId]).toEqual(['', trial?.spanId]);
    expect(decision?.attributes['sandtune.decision']).toBe('revert');
    expect(trial?.traceId).not.toBe(request?.traceId);
  });

  it('spans that break a rule of Jaeger would be found out', async () => {
    const good = await sent();
    const [first, ...rest] = good.spans as [Decoded['spans'][number], ...Decoded['spans']];
    const worse: [Partial<Decoded>, string][] = [
      [{ services: [''] }, 'service.name'],
      [{ texts: [Buffer.from([0xc3, 0x28])] }, 'UTF-8'],
      [{ unknownFields: ['resource_spans.scope_spans.spans.17'] }, 'unknown field'],
      [{ spans: [{ ...first, name: Buffer.alloc(0) }, ...rest] }, 'no name'],
      [{ spans: [{ ...first, endNs: first.startNs }, ...rest] }, 'starts at'],
      [{ spans: [{ ...first, parentSpanId: 'ffffffffffffffff' }, ...rest] }, 'not there'],
      [{ spans: good.spans.map((span) => ({ ...span, parentSpanId: '' })) }, 'roots'],
      [{ spans: [...good.spans, first] }, 'two spans of one id'],
      [{ spans: [{ ...first, spanId: '' }, ...rest] }, "has id ''"],
    ];
    for (const [change, message] of worse) {
      expect(brokenRules({ ...good, ...change }).join('\n')).toContain(message);
    }
  });
});

describe.skipIf(jaeger.missing)(`Jaeger${jaeger.note}`, () => {
  it('Jaeger shows the trace it was sent', async () => {
    await using otlp = await startOtlp({ serviceName: 'sandtune-test' });
    const traceId = await tracedWork();
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost()]).toEqual([5, 0]);
    const url = new URL(`/api/traces/${traceId}`, jaeger.value);
    let spans: { operationName: string; warnings: unknown }[] = [];
    for (let attempt = 0; attempt < 50 && spans.length === 0; attempt++) {
      const response = await fetch(url);
      if (response.ok) spans = ((await response.json()) as { data: { spans: typeof spans }[] }).data[0]?.spans ?? [];
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(spans.map((span) => span.operationName).sort()).toEqual([
      'request',
      'sandtune.call',
      'sandtune.call',
      'sandtune.call',
    ]);
    expect(spans.filter((span) => Array.isArray(span.warnings) && span.warnings.length > 0)).toEqual([]);
  });
});
