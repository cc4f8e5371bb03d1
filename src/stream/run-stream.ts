/**
 * One run from its start to its end: what an earlier run left, opening, the flow, closing.
 *
 *   fence ─▶ restore ─▶ sink (cut back) ─▶ source (recognised) ─▶ guests' state ─▶ flow ─▶ last checkpoint
 *                                                                                   └─▶ close both, always
 */
import type { Distribution } from '../contracts.ts';
import { isSandtuneError, SandtuneError } from '../foundation/errors.ts';
import type { CheckpointStorage, OpenSink, OpenSource } from './contracts.ts';
import { Checkpointing } from './flow/checkpointing.ts';
import type { StreamCounts } from './flow/counts.ts';
import { Flow } from './flow/flow.ts';
import { slowestOf } from './flow/stage-shares.ts';
import { Stop } from './flow/stop.ts';
import type { ResolvedStreamOptions } from './options.ts';
import { checkDelivery, checkKeptGuests, checkOtherFile, checkTransaction, checkVersions } from './run-checks.ts';
import type { RunParts, StreamStart } from './run-parts.ts';
import { configVersion, type FoundRun, foundRun } from './run-start.ts';
import { checkOpenSink } from './sink/check-open-sink.ts';
import { openSource } from './source/open-source.ts';
import { type StageReport, stageReports } from './stage-reports.ts';

/** What a run that has completed says. */
export interface StreamSummary extends StreamCounts, StreamStart {
  readonly peakBytes: number;
  readonly peakRecords: number;
  readonly pauses: number;
  readonly durationMs: number;
  /** What each stage did with its time, in the order of the stages. */
  readonly stages: readonly StageReport[];
  /** The name of the stage with the largest share of busy time. */
  readonly slowest: string;
  /** From a record's results to the acknowledgement of the last of them. */
  readonly sink: Distribution;
  /** From a record's admission until then. */
  readonly sojourn: Distribution;
}

/** @throws what stopped it; {SandtuneError} ERR_SANDTUNE_SOURCE, ERR_SANDTUNE_SINK, ERR_SANDTUNE_CHECKPOINT, … */
export async function runStream(parts: RunParts): Promise<StreamSummary> {
  const { options, stop, storage, source, guests } = parts;
  const { clock } = options.surroundings;
  const startMs = clock.now();
  const { signal } = stop;
  checkDelivery(options, parts.sink, storage);
  const left = await stop.or(foundRun(parts));
  const { checkpoint } = left;
  // Before anything is cut back.
  if (checkpoint) {
    checkVersions(parts, checkpoint);
    checkKeptGuests(parts, checkpoint);
  }
  const opening = parts.sink.open({
    from: checkpoint?.output,
    earlier: left.earlier,
    run: storage && { job: parts.job, fencingToken: left.token },
    framing: options.framing,
    signal,
  });
  const sink = checkOpenSink(
    parts.sink.name,
    await openedBefore(stop, opening, (late) => late.close(stop.reason?.error)),
  );
  let opened: OpenSource | undefined;
  let failure: { readonly error: unknown } | undefined;
  try {
    checkTransaction(options, parts.sink, sink, storage);
    const { position: from = [], sources: expected = [] } = checkpoint?.input ?? {};
    const reading = openSource(source, { framing: options.framing, signal, from, expected });
    opened = await openedBefore(stop, reading, (late) => late.close());
    checkOtherFile(source, opened, parts.sink, sink);
    const restoring = guests && checkpoint ? guests.restore(checkpoint.guestStates) : Promise.resolve();
    // It is waited for later, unless something else ends the run before.
    restoring.catch(() => undefined);
    return { ...(await flowOf(parts, left, { source: opened, sink, restoring })), durationMs: clock.now() - startMs };
  } catch (error) {
    failure = { error: stop.reason ? stop.reason.error : error };
    stop.stop(error);
    throw failure.error;
  } finally {
    await closeBoth(opened, sink, failure);
  }
}

async function flowOf(
  parts: RunParts,
  start: FoundRun,
  {
    source,
    sink,
    restoring,
  }: { readonly source: OpenSource; readonly sink: OpenSink; readonly restoring: Promise<void> },
): Promise<Omit<StreamSummary, 'durationMs'>> {
  const { options, storage, stop } = parts;
  const { checkpoint, resumedFrom, quarantined, isConfigChanged } = start;
  const from = checkpoint?.input.position ?? [];
  let checkpointing: Checkpointing | undefined;
  const flow: Flow = new Flow({
    ...parts,
    source,
    sink,
    from,
    inFlight: checkpoint?.inFlight ?? [],
    controllerState: checkpoint?.controller,
    checkpoints: {
      isDue: () => checkpointing?.isDue() ?? false,
      take: async () => checkpointing?.take(),
      allowance: () => checkpointing?.allowance() ?? Number.POSITIVE_INFINITY,
      waits: () => checkpointing?.waits(),
    },
  });
  const told: StreamStart = { resumedFrom, quarantined, isConfigChanged };
  if (storage) {
    checkpointing = checkpointingOf(parts, storage, start, { source, sink, flow });
    if (options.delivery === 'at-most-once') for (const one of flow.partitions) one.deliverBefore = one.read.offset;
    // Durable before anything is delivered: a restart must know that what it finds in the output is its own, that an
    // older run's checkpoints are not where this one stands, and who may write.
    if (!checkpoint) await stop.or(checkpointing.certain());
    else if (sink.claims) await stop.or(Promise.all([checkpointing.claim(checkpoint), restoring]));
    void wakeEvery(options, flow);
  }
  await stop.or(restoring);
  parts.began?.(flow, told);
  try {
    await flow.run();
    if (checkpointing) await stop.or(checkpointing.certain());
  } catch (error) {
    // Told to the others before anything else can be: what ended the run is this, also where it came at the very end.
    stop.stop(error);
    if (!isOfStore(error)) await flow.grace(checkpointing?.lastResort() ?? Promise.resolve());
    throw error;
  } finally {
    stop.stop(new SandtuneError('ERR_SANDTUNE_CLOSED', 'the run is over'));
    flow.ended();
  }
  const { peakBytes, peakRecords, pauses } = flow.credits;
  const stages = stageReports(parts.stages, flow);
  return {
    ...flow.counts,
    ...told,
    peakBytes,
    peakRecords,
    pauses,
    stages,
    slowest: slowestOf(stages)?.name ?? '',
    sink: flow.books.measures.sink.whole,
    sojourn: flow.books.measures.sojourn.whole,
  };
}

function checkpointingOf(
  parts: RunParts,
  storage: CheckpointStorage,
  { token, nextEpoch }: FoundRun,
  { source, sink, flow }: { readonly source: OpenSource; readonly sink: OpenSink; readonly flow: Flow },
): Checkpointing {
  const { options, job, metadata, guests } = parts;
  return new Checkpointing({
    storage,
    sink,
    flow,
    delivery: options.delivery,
    intervalMs: options.checkpointIntervalMs,
    bytes: options.checkpointBytes,
    clock: options.surroundings.clock,
    timers: options.surroundings.timers,
    guests,
    sources: source.partitions,
    fixed: {
      job,
      fencingToken: token,
      configVersion: configVersion(parts),
      version: options.version,
      metadata,
      moduleHash: guests?.moduleHash ?? null,
    },
    firstEpoch: nextEpoch,
  });
}

/** A checkpoint is also due while nothing comes. Ends with the run. */
async function wakeEvery({ checkpointIntervalMs, surroundings }: ResolvedStreamOptions, flow: Flow): Promise<void> {
  const { signal } = flow.stop;
  while (!signal.aborted) {
    await surroundings.timers.sleep(checkpointIntervalMs, { signal }).catch(() => {});
    flow.delivery.wake.tell();
  }
}

/** What has been opened, or the reason of the stop where that came before; what opens later is closed again. */
async function openedBefore<T>(stop: Stop, opening: Promise<T>, close: (late: T) => Promise<void>): Promise<T> {
  try {
    return await stop.or(opening);
  } catch (error) {
    if (stop.isStopped) opening.then(close).catch(() => {});
    throw error;
  }
}

/** Both are closed whatever the other does; what the first throws is told where nothing was before. */
async function closeBoth(
  source: OpenSource | undefined,
  sink: OpenSink,
  failure: { readonly error: unknown } | undefined,
): Promise<void> {
  const closed = await Promise.allSettled([source?.close(), sink.close(failure?.error)]);
  const failed = closed.find((one) => one.status === 'rejected');
  if (failed && !failure) throw failed.reason;
}

/** After one of these nothing more is to be saved. */
function isOfStore(error: unknown): boolean {
  const codes: readonly string[] = ['ERR_SANDTUNE_FENCED', 'ERR_SANDTUNE_CHECKPOINT', 'ERR_SANDTUNE_SINK'];
  return isSandtuneError(error) && codes.includes(error.code);
}
