import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metrics, trace } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { CountedExporter, SpanCounts } from '../../../exporters/otlp/counted-spans.ts';
import { type Otlp, type OtlpOptions, startOtlp } from '../../../exporters/otlp/index.ts';
import { loadSdk, peerRange } from '../../../exporters/otlp/load-sdk.ts';
import { startOtlpFrom } from '../../../exporters/otlp/start.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startReceiver } from './receiver.ts';

let running: Otlp | undefined;
async function start(options: OtlpOptions): Promise<Otlp> {
  running = await startOtlp(options);
  return running;
}

afterEach(async () => {
  await running?.shutdown();
  running = undefined;
});

function endSpans(count: number): void {
  const tracer = trace.getTracer('test');
  for (let i = 0; i < count; i++) tracer.startSpan(`span ${i}`).end();
}

describe('startOtlp()', () => {
  it('startOtlp() loses none of 10,000 spans that end in one tick', async () => {
    await using receiver = await startReceiver({ delayMs: 20 });
    const otlp = await start({ endpoint: receiver.endpoint });
    endSpans(10_000);
    expect(otlp.pending()).toBe(10_000);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost(), otlp.pending()]).toEqual([10_000, 0, 0]);
  });

  it('startOtlp() counts each span that does not fit the queue', async () => {
    await using receiver = await startReceiver({ delayMs: 20 });
    const otlp = await start({ endpoint: receiver.endpoint, maxQueueSize: 100, maxExportBatchSize: 50 });
    endSpans(10_000);
    await otlp.shutdown();
    expect(otlp.lost()).toBeGreaterThan(9000);
    expect(otlp.sent() + otlp.lost()).toBe(10_000);
    // The counts are those of the receiver, not of our own belief: two names never meet.
    const arrived = receiver.received.reduce(
      (sum, { body }) => sum + (body.toString('latin1').match(/span \d+/g) ?? []).length,
      0,
    );
    expect(arrived).toBe(otlp.sent());
  });

  it('startOtlp() counts what a collector refuses, says why, and shutdown() does not reject', async () => {
    await using receiver = await startReceiver({ status: 400 });
    const otlp = await start({ endpoint: receiver.endpoint });
    endSpans(10);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost()]).toEqual([0, 10]);
    expect(otlp.lastError()).toContain('Bad Request');
  });

  it('startOtlp() counts the spans that a collector refuses out of an export it accepts as lost, and says why', async () => {
    // ExportTraceServiceResponse { partial_success { rejected_spans: 4, error_message: 'too long' } }
    const answerBody = Buffer.from([0x0a, 0x0c, 0x08, 0x04, 0x12, 0x08, ...Buffer.from('too long')]);
    await using receiver = await startReceiver({ answerBody });
    const otlp = await start({ endpoint: receiver.endpoint });
    endSpans(10);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost(), otlp.pending()]).toEqual([6, 4, 0]);
    expect(otlp.lastError()).toBe('the collector refused 4 spans of an export: too long');
  });

  it.each([
    ['more spans than it was sent', [0x08, 0xff, 0xff, 0x03], [0, 10], 'the collector refused 10 spans'],
    ['fewer than none', [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [10, 0], undefined],
    // \u001b]0;x: words that would set the title of a terminal.
    ['with words that move a cursor', [0x08, 1, 0x12, 5, 0x1b, ...Buffer.from(']0;x')], [9, 1], ' ]0;x'],
  ])('startOtlp() takes a collector that refuses %s for no more than it can be', async (_, partial, counts, words) => {
    await using receiver = await startReceiver({ answerBody: Buffer.from([0x0a, partial.length, ...partial]) });
    const otlp = await start({ endpoint: receiver.endpoint });
    endSpans(10);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost()]).toEqual(counts);
    expect(otlp.lastError()).toEqual(words && expect.stringContaining(words));
  });

  it('startOtlp() counts spans as lost that the exporter throws at', async () => {
    const counts = new SpanCounts();
    counts.queued = 1;
    const throwing = {
      export() {
        throw new TypeError('no bytes for that');
      },
      shutdown: async () => {},
    };
    const code = await new Promise((resolve) => {
      new CountedExporter(throwing, counts, 1000).export([{} as ReadableSpan], (result) => resolve(result.code));
    });
    expect([code, counts.sent, counts.lost, counts.underway]).toEqual([1, 0, 1, 0]);
    expect(counts.lastError?.message).toBe('no bytes for that');
  });

  it('startOtlp() knows after shutdown() what became of every batch, though the first one failed', async () => {
    await using receiver = await startReceiver({ delayMs: 20, status: 400 });
    const otlp = await start({ endpoint: receiver.endpoint, maxQueueSize: 500, maxExportBatchSize: 20 });
    endSpans(400);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost(), otlp.pending()]).toEqual([0, 400, 0]);
  });

  it('startOtlp() ends in time when nobody listens', async () => {
    const otlp = await start({ endpoint: 'http://127.0.0.1:1', deadlineMs: 200 });
    endSpans(10);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost()]).toEqual([0, 10]);
  });

  it('startOtlp() waits no longer for a collector whose answer never ends, and counts what it was sent as lost', async () => {
    await using receiver = await startReceiver({ trickles: true });
    const otlp = await start({ endpoint: receiver.endpoint, deadlineMs: 100 });
    endSpans(10);
    await otlp.shutdown();
    expect([otlp.sent(), otlp.lost(), otlp.pending()]).toEqual([0, 10, 0]);
    expect(otlp.lastError()).toBe("expected the collector's answer within 100 ms, got none");
  });

  it('shutdown() leaves to the program the meters that it registered by itself', async () => {
    const own = { getMeter: () => ({}) as ReturnType<typeof metrics.getMeter> };
    metrics.setGlobalMeterProvider(own);
    try {
      await using receiver = await startReceiver();
      const otlp = await start({ endpoint: receiver.endpoint });
      await otlp.shutdown();
      expect(metrics.getMeterProvider()).toBe(own);
    } finally {
      metrics.disable();
    }
  });

  it('startOtlp() sends gzip to /v1/traces, with the headers asked for, and neither metrics nor logs', async () => {
    await using receiver = await startReceiver();
    const otlp = await start({ endpoint: receiver.endpoint, headers: { 'x-tenant': 'a' } });
    endSpans(1);
    await otlp.shutdown();
    expect(receiver.received.map(({ url }) => url)).toEqual(['/v1/traces']);
    expect(receiver.received[0]?.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/x-protobuf',
      'x-tenant': 'a',
    });
  });

  it('flush() sends what waits and goes on', async () => {
    await using receiver = await startReceiver();
    const otlp = await start({ endpoint: receiver.endpoint });
    endSpans(3);
    await otlp.flush();
    expect(otlp.sent()).toBe(3);
    endSpans(2);
    await otlp.flush();
    expect(otlp.sent()).toBe(5);
  });

  it('startOtlp() may be started again after shutdown, and refuses a second one beside the first', async () => {
    await using receiver = await startReceiver();
    const first = await start({ endpoint: receiver.endpoint });
    await expect(startOtlp({ endpoint: receiver.endpoint })).rejects.toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
    expect(first.shutdown()).toBe(first.shutdown());
    await first.shutdown();
    const second = await start({ endpoint: receiver.endpoint });
    endSpans(1);
    await second.shutdown();
    expect([first.sent(), second.sent()]).toEqual([0, 1]);
  });

  it('startOtlp() says how to install what is missing, in the range that it takes', async () => {
    const started = startOtlpFrom([treeOf({})], {});
    await expect(started).rejects.toMatchObject({ code: 'ERR_SANDTUNE_PEER_MISSING' });
    await expect(started).rejects.toThrow(`npm install '@opentelemetry/sdk-node@${peerRange}'`);
  });

  it('startOtlp() says what an SDK of another age lacks', async () => {
    const started = startOtlpFrom([treeOf({ '@opentelemetry/sdk-node': 'exports.tracing = {};' })], {});
    await expect(started).rejects.toMatchObject({ code: 'ERR_SANDTUNE_PEER_MISSING' });
    await expect(started).rejects.toThrow(/sdk-node of OpenTelemetry >=\S+ <\S+, got one without NodeSDK/);
  });

  it('startOtlp() says what is missing of an SDK that does not find its own peer', async () => {
    const lonely = treeOf({ '@opentelemetry/sdk-node': "require('no-such-package');" });
    await expect(startOtlpFrom([lonely], {})).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_PEER_MISSING',
      message: expect.stringMatching(
        /to find all that it needs \(.*no-such-package.*\)[^]*npm install @opentelemetry\/api/,
      ),
    });
  });

  it.each([
    ['of its own', 'exports.tracing = of("own");', 'own'],
    ['of the younger package, though the older one lies beside it', '', 'younger'],
  ])('startOtlp() takes the processors %s', (_, more, origin) => {
    const of = 'const of = (origin) => ({ BatchSpanProcessor: class { origin = origin } });';
    const both = ', SimpleSpanProcessor: class {}, ConsoleSpanExporter: class {}';
    const place = treeOf({
      '@opentelemetry/sdk-node': `${of} exports.NodeSDK = class {}; ${more}`,
      '@opentelemetry/api': 'exports.trace = exports.metrics = exports.context = exports.propagation = {};',
      '@opentelemetry/exporter-trace-otlp-proto': 'exports.OTLPTraceExporter = class {};',
      '@opentelemetry/resources': 'exports.envDetector = exports.processDetector = {};',
      '@opentelemetry/sdk-trace-base': `${of} module.exports = of('older');`,
      '@opentelemetry/sdk-trace': `${of} module.exports = { ...of('younger')${both} };`,
    });
    const limits = { maxQueueSize: 1, maxExportBatchSize: 1, scheduledDelayMillis: 1 };
    expect(loadSdk([place]).batchProcessor({} as SpanExporter, limits)).toEqual({ origin });
  });

  it('startOtlp() passes on what else goes wrong while loading', async () => {
    const broken = treeOf({ '@opentelemetry/sdk-node': "throw new SyntaxError('half a file');" });
    await expect(startOtlpFrom([broken], {})).rejects.toThrow(new SyntaxError('half a file'));
  });
});

/** A file beside a node_modules with these packages. */
function treeOf(packages: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, source] of Object.entries(packages)) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'index.js'), source);
  }
  return join(folder, 'main.js');
}
