/**
 * Sends the spans of a traced sandbox, and of a trial on it, to a collector, Jaeger for one:
 *
 *   docker compose up -d
 *   npm run example examples/jaeger-traces.ts
 *
 * The collector is the one of OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318. Where nobody
 * listens, a receiver of our own takes the spans, and what it received is shown.
 */
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { createSandbox } from 'sandtune';
import { startOtlp } from 'sandtune/otlp';
import { tune } from 'sandtune/tuner';
import { isReachable, startCollector } from './support/loopback-collector.ts';
import { drawSpans } from './support/span-tree.ts';

/** (func (export "fib") (param i32) (result i32) …) (func (export "fail") unreachable) */
const guest = Buffer.from(
  'AGFzbQEAAAABCQJgAX8Bf2AAAAMDAgABBw4CA2ZpYgAABGZhaWwAAQoiAhwAIABBAkgEfyAABSAAQQFrEAAgAEECaxAAagsLAwAACw==',
  'base64',
);

const wanted = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://localhost:4318';
const standIn = (await isReachable(wanted)) ? null : await startCollector();
if (standIn) console.log(`no collector at ${wanted}: a receiver on the loopback device takes its place\n`);

const otlp = await startOtlp({ endpoint: standIn?.endpoint ?? wanted, serviceName: 'sandtune-example' });
const sandbox = await createSandbox({
  name: 'numbers',
  guests: { numbers: { module: guest, functions: ['fib', 'fail'] } },
  threads: 2,
  batchSize: 1,
  // Calls inside a span are traced whatever this says; of the others next to none.
  spans: { sampleEvery: 1_000_000 },
});
const tracer = trace.getTracer('example');

/** A call inside a span is traced as its child, queueing, worker and all. */
async function request(name: string, calls: readonly { function: string; args?: number[] }[]): Promise<string> {
  return tracer.startActiveSpan(name, async (span) => {
    const results = await Promise.allSettled(calls.map((call) => sandbox.run(call)));
    if (results.some((result) => result.status === 'rejected')) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    return span.spanContext().traceId;
  });
}

const traceIds = [
  await request('GET /first', [{ function: 'fib', args: [20] }]),
  await request(
    'GET /warm',
    [20, 22, 24].map((n) => ({ function: 'fib', args: [n] })),
  ),
  await request('GET /broken', [{ function: 'fib', args: [10] }, { function: 'fail' }]),
];

// A trial is a trace of its own: 64 callers, and somebody wants to know whether batches of 8 are better.
const tuner = tune(sandbox, {
  mode: 'auto',
  maximize: 'throughput',
  subjectTo: ['errors < 1%'],
  stateDir: ':memory:',
  expert: { windowMs: 60, baselineWindows: 6, noisePairs: 0, overheadPairs: 0, holdBackFraction: 0 },
});
const stop = new AbortController();
const callers = Array.from({ length: 64 }, async () => {
  while (!stop.signal.aborted) await sandbox.run({ function: 'fib', args: [10] });
});
const proposed = await tuner.propose({ batchSize: 8 });
stop.abort();
await Promise.all(callers);
await tuner[Symbol.asyncDispose]();
await sandbox.close();
await otlp.shutdown();
console.log(
  `batchSize 1 → 8: ${proposed.decision} (${proposed.decision === 'not-decided' ? proposed.reason : proposed.trigger})`,
);

console.log(`sent ${otlp.sent()} spans, lost ${otlp.lost()}${otlp.lost() > 0 ? ` (${otlp.lastError()})` : ''}\n`);
if (standIn) {
  console.log(standIn.bodies.map(drawSpans).join('\n'));
  standIn.close();
} else {
  const page = process.env['JAEGER_QUERY_URL'] ?? 'http://localhost:16686';
  console.log(traceIds.map((traceId) => `${page}/trace/${traceId}`).join('\n'));
}
if (otlp.lost() > 0) process.exitCode = 1;
