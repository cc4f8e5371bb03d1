/**
 * One run from its start to its end: what an earlier run left, opening, the flow, closing.
 *
 *   fence ─▶ restore ─▶ sink (cut back) ─▶ source (recognised) ─▶ guests' state ─▶ flow ─▶ last checkpoint
 *                                                                                   └─▶ close both, always
 */
import { createHash } from 'node:crypto';
import type { Distribution } from '../contracts.ts';
import { isSandtuneError, SandtuneError } from '../foundation/errors.ts';
import type {
  Checkpoint,
  CheckpointStorage,
  GuestStateKeeper,
  ListedCheckpoint,
  OpenSink,
  OpenSource,
  Sink,
  Source,
} from './contracts.ts';
import { Checkpointing, isOneTransaction } from './flow/checkpointing.ts';
import type { StreamCounts } from './flow/counts.ts';
import { Flow } from './flow/flow.ts';
import type { FlowParts } from './flow/flow-parts.ts';
import { slowestOf } from './flow/stage-shares.ts';
import { Stop } from './flow/stop.ts';
import type { ResolvedStreamOptions } from './options.ts';
import { checkOpenSink } from './sink/check-open-sink.ts';
import { openSource } from './source/open-source.ts';
import { type StageReport, stageReports } from './stage-reports.ts';

export interface RunParts extends Pick<FlowParts, 'options' | 'stages' | 'bounds' | 'books' | 'tracer' | 'stop'> {
  readonly source: Source;
  readonly sink: Sink;
  readonly storage: CheckpointStorage | undefined;
  readonly job: string;
  readonly guests: GuestStateKeeper | undefined;
  readonly metadata: unknown;
  /** The run has begun; until it ends the flow says how it goes. */
  readonly began?: (flow: Flow, start: StreamStart) => void;
}

/** What a start found. */
export interface StreamStart {
  /** The epoch of the checkpoint it goes on from; null: from the beginning. */
  readonly resumedFrom: number | null;
  /** Checkpoints that did not verify and were put aside. */
  readonly quarantined: readonly { readonly id: string; readonly reason: string }[];
  /** The options are others than those of the run before. */
  readonly isConfigChanged: boolean;
}

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
  const left = await stop.or(found(parts));
  const { checkpoint } = left;
  // Before anything is cut back.
  if (checkpoint) checkGuests(parts, checkpoint);
  const opening = parts.sink.open({ from: checkpoint?.output, framing: options.framing, signal });
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
    if (guests && checkpoint) await stop.or(guests.restore(checkpoint.guestStates));
    return { ...(await flowOf(parts, left, opened, sink)), durationMs: clock.now() - startMs };
  } catch (error) {
    failure = { error: stop.reason ? stop.reason.error : error };
    stop.stop(error);
    throw failure.error;
  } finally {
    await closeBoth(opened, sink, failure);
  }
}

interface Found extends StreamStart {
  readonly checkpoint: Checkpoint | undefined;
  readonly token: number;
  readonly nextEpoch: number;
}

/** What an earlier run of the job has left, and what becomes of that. */
async function found(parts: RunParts): Promise<Found> {
  const { options, storage, job } = parts;
  const nothing = { checkpoint: undefined, resumedFrom: null, quarantined: [], isConfigChanged: false };
  if (!storage) return { ...nothing, token: 0, nextEpoch: 1 };
  // A start that is refused must not fence off the run that it is refused for.
  if (options.recovery === 'fail-fast') {
    refuseEarlier(job, await storage.list(job));
    // Throws where there were some that are gone.
    await storage.restore(job);
  }
  const token = await storage.fence(job);
  if (options.recovery !== 'restart-from-checkpoint') {
    const listed = await storage.list(job);
    if (options.recovery === 'fail-fast') refuseEarlier(job, listed);
    return { ...nothing, token, nextEpoch: newestOf(listed) + 1 };
  }
  const { checkpoint, quarantined } = await storage.restore(job);
  return {
    checkpoint,
    resumedFrom: checkpoint?.epoch ?? null,
    quarantined,
    isConfigChanged: checkpoint !== undefined && checkpoint.configVersion !== configVersion(parts),
    token,
    nextEpoch: (checkpoint?.epoch ?? 0) + 1,
  };
}

/** @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT where there are any */
function refuseEarlier(job: string, listed: readonly ListedCheckpoint[]): void {
  if (listed.length === 0) return;
  const message = `job '${job}': expected no checkpoint of an earlier run (recovery: 'fail-fast'), got ${listed.length}, up to epoch ${newestOf(listed)}`;
  throw new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message);
}

function newestOf(listed: readonly ListedCheckpoint[]): number {
  return listed.reduce((most, { epoch }) => Math.max(most, epoch), 0);
}

/** @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT where the guests are not those whose state it holds */
function checkGuests({ job, guests }: RunParts, { guestStates, moduleHash }: Checkpoint): void {
  const got = guests?.moduleHash ?? null;
  if (guestStates.length === 0 || moduleHash === got) return;
  const holder = got === null ? 'a run that keeps none' : `that of ${got}`;
  const message = `job '${job}': expected the guests whose state its checkpoint holds (SHA-256 ${moduleHash}), got ${holder}`;
  throw new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message);
}

/** What is known before anything was opened. @throws {SandtuneError} ERR_SANDTUNE_OPTION where effectively-once cannot be had of the two */
function checkDelivery(
  { delivery }: ResolvedStreamOptions,
  { name, undoes }: Sink,
  storage: CheckpointStorage | undefined,
): void {
  if (delivery !== 'effectively-once') return;
  if (!storage) throw notOnce('no checkpoints');
  if (undoes === 'none') throw notOnce(`sink ${name}, which undoes nothing`);
  if (undoes === 'transaction' && !storage.transaction) throw noTransaction(name, storage);
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where output and checkpoints are not in one database */
function checkTransaction(
  { delivery }: ResolvedStreamOptions,
  { name, undoes }: Sink,
  sink: OpenSink,
  storage: CheckpointStorage | undefined,
): void {
  if (delivery !== 'effectively-once' || undoes !== 'transaction' || !storage) return;
  if (!isOneTransaction(sink, storage)) throw noTransaction(name, storage);
}

function noTransaction(name: string, storage: CheckpointStorage): SandtuneError {
  return notOnce(`sink ${name} and checkpoints in ${storage.name}, which are no one transaction`);
}

function notOnce(got: string): SandtuneError {
  const message = `delivery: 'effectively-once': expected checkpoints and a sink whose output can be undone (fileSink(), or databaseSink() in the database of the checkpoints), got ${got}`;
  return new SandtuneError('ERR_SANDTUNE_OPTION', message);
}

async function flowOf(
  parts: RunParts,
  start: Found,
  source: OpenSource,
  sink: OpenSink,
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
    controllerState: checkpoint?.controller,
    checkpoints: {
      isDue: () => checkpointing?.isDue() ?? false,
      take: async () => checkpointing?.take(),
      allowance: () => checkpointing?.allowance() ?? Number.POSITIVE_INFINITY,
    },
  });
  const told: StreamStart = { resumedFrom, quarantined, isConfigChanged };
  if (storage) {
    checkpointing = checkpointingOf(parts, storage, start, { source, sink, flow });
    if (options.delivery === 'at-most-once') for (const one of flow.partitions) one.deliverBefore = one.read.offset;
    // Durable before anything is delivered: a restart must know that what it finds in the output is its own, and that
    // an older run's checkpoints are not where this one stands.
    if (!checkpoint) await stop.or(checkpointing.certain());
    void wakeEvery(options, flow);
  }
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
  { token, nextEpoch }: Found,
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
    sources: source.partitions.map(({ partition, identity }) => ({ partition, identity })),
    fixed: {
      job,
      fencingToken: token,
      configVersion: configVersion(parts),
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

/** Of what decides what comes out. */
function configVersion({ options, stages }: RunParts): string {
  const { framing, ordering, delivery, maxRecordBytes, onFailed } = options;
  const calls = stages.map(({ name, takes }) => [name, takes]);
  const deciding = [calls, framing?.name, ordering, delivery, maxRecordBytes, onFailed.atLast];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16);
}
