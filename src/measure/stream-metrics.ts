/**
 * What processors of streams do, as OpenTelemetry's metrics, which are read when somebody collects them:
 *
 *   sandtune.stream.stage.utilization  share of a stage's time lately, by state: busy, starved, blocked (they sum to 1)
 *   sandtune.stream.stage.slowest      1 for the stage with the largest busy share, 0 for the others
 *   sandtune.stream.records            records since the processor was made, by outcome
 *   sandtune.stream.buffer.usage       bytes in flight; .records how many they are, .limit what there may be
 *
 * A processor is told of from its first run until it is collected as garbage: SDKs go on telling what they were told
 * last, which of a run that has ended must not be that it is busy. Of several of one name those with a run under way are
 * told, and their records together. Whoever collects may be there later than the run, or another one instead: a provider
 * is therefore looked for at each call, and its predecessor is told nothing any more.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/general/metrics/ (utilization, usage and limit)
 */
import { type BatchObservableResult, type MeterProvider, metrics } from '@opentelemetry/api';
import type { OutcomeCounts } from '../contracts.ts';
import { attributeNames, instrumentation, metricNames } from './names.ts';
import { addCounts, noOutcomes } from './outcome-counts.ts';
import { TelemetryGuard } from './telemetry.ts';

export interface StreamReading {
  readonly stages: readonly {
    readonly name: string;
    readonly busyFraction: number;
    readonly starvedFraction: number;
    readonly blockedFraction: number;
  }[];
  /** Name of one of them; '' where no run is under way. */
  readonly slowest: string;
  readonly isUnderWay: boolean;
  readonly outcomes: OutcomeCounts;
  readonly inFlightRecords: number;
  readonly inFlightBytes: number;
  readonly bufferBytes: number;
}

export interface ObservedStream {
  readonly name: string;
  /** As it is now. */
  read(): StreamReading;
}

const guard = new TelemetryGuard();
let observed: readonly WeakRef<ObservedStream>[] = [];
let known: { readonly provider: MeterProvider; readonly end: () => void } | undefined;

/** Tells of a processor from now on; once of each. O(processors) */
export function observeStream(stream: ObservedStream): void {
  observed = [...observed.filter((one) => one.deref() !== undefined), new WeakRef(stream)];
  meetMeterProvider();
}

/** Hands the metrics to the provider that is registered now, where it is another than before. O(1) where it is not */
export function meetMeterProvider(): void {
  guard.run(() => {
    const provider = metrics.getMeterProvider();
    if (provider === known?.provider) return;
    const before = known;
    // One that throws is not asked again at each call.
    known = { provider, end: () => {} };
    guard.run(() => before?.end(), undefined);
    known = { provider, end: tellTo(provider) };
  }, undefined);
}

function tellTo(provider: MeterProvider): () => void {
  const { name, version, schemaUrl } = instrumentation;
  const meter = provider.getMeter(name, version, { schemaUrl });
  const gauge = (metric: string, unit: string, description: string) =>
    meter.createObservableGauge(metric, { unit, description });
  const utilization = gauge(metricNames.stageUtilization, '1', 'Share of the time of a stage lately, by its state');
  const slowest = gauge(metricNames.stageSlowest, '1', '1 for the stage with the largest busy share, else 0');
  const bufferRecords = gauge(metricNames.bufferRecords, '{record}', 'Records in flight');
  const usage = gauge(metricNames.bufferUsage, 'By', 'Bytes in flight');
  const limit = gauge(metricNames.bufferLimit, 'By', 'Bytes that may be in flight');
  const records = meter.createObservableCounter(metricNames.records, {
    unit: '{record}',
    description: 'Records that are done with, by outcome',
  });
  const all = [utilization, slowest, bufferRecords, usage, limit, records];
  const tell = (result: BatchObservableResult, { name, ...reading }: Named) => {
    const own = { [attributeNames.executor]: name };
    for (const stage of reading.stages) {
      const ofStage = { ...own, [attributeNames.streamStage]: stage.name };
      const shares = { busy: stage.busyFraction, starved: stage.starvedFraction, blocked: stage.blockedFraction };
      for (const [state, share] of Object.entries(shares))
        result.observe(utilization, share, { ...ofStage, [attributeNames.stageState]: state });
      result.observe(slowest, stage.name === reading.slowest ? 1 : 0, ofStage);
    }
    result.observe(bufferRecords, reading.inFlightRecords, own);
    result.observe(usage, reading.inFlightBytes, own);
    result.observe(limit, reading.bufferBytes, own);
  };
  const tellAll = (result: BatchObservableResult) => {
    const all = readings();
    for (const one of all) tell(result, one);
    for (const [name, own] of Map.groupBy(all, (one) => one.name))
      for (const [outcome, count] of Object.entries(addedOutcomes(own)))
        result.observe(records, count, { [attributeNames.executor]: name, [attributeNames.outcome]: outcome });
  };
  meter.addBatchObservableCallback(tellAll, all);
  return () => meter.removeBatchObservableCallback(tellAll, all);
}

type Named = StreamReading & { readonly name: string };

/** Those with a run under way last: of two points with one name the later one counts. */
function readings(): readonly Named[] {
  const all = observed.flatMap((one) => {
    const stream = one.deref();
    const reading = stream && guard.run(() => stream.read(), undefined);
    return reading ? [{ ...reading, name: stream.name }] : [];
  });
  return all.toSorted((a, b) => Number(a.isUnderWay) - Number(b.isUnderWay));
}

function addedOutcomes(all: readonly StreamReading[]): OutcomeCounts {
  return all.reduce((sum, { outcomes }) => addCounts(sum, outcomes), noOutcomes);
}
