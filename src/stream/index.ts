/** The package entry `sandtune/stream`: data larger than memory through an executor. */
import '../foundation/node-version.ts';

export {
  BufferPool,
  type BufferPoolOptions,
  type BufferPoolUse,
  bufferTierBytes,
  PooledBuffer,
  type TakeBufferOptions,
} from './buffer-pool.ts';
export type { StreamExecutor } from './call-records.ts';
export { CheckpointError, type CheckpointTrouble } from './checkpoint/checkpoint-error.ts';
export type { CheckpointPlace, StoredCheckpoint } from './checkpoint/room.ts';
export {
  type CheckpointsOptions,
  checkpointsDefaults,
  databaseCheckpoints,
  fileCheckpoints,
  type KeptCheckpoints,
} from './checkpoint/storage.ts';
export type {
  Ack,
  Checkpoint,
  CheckpointKeeping,
  CheckpointStorage,
  Gap,
  GuestState,
  GuestStateKeeper,
  ListedCheckpoint,
  OpenSink,
  OpenSinkOptions,
  OpenSource,
  OpenSourceOptions,
  OutputRecord,
  PartitionPosition,
  Position,
  RecordsInFlight,
  Restored,
  SavedWithOutput,
  Sink,
  SinkPosition,
  Source,
  SourceOfPartition,
  SourcePartition,
  StreamRecord,
  VerifiedCheckpoint,
} from './contracts.ts';
export type { StreamCounts } from './flow/counts.ts';
export type { Spread } from './flow/levels.ts';
export type { StageDurations } from './flow/stage-measures.ts';
export type { StageShares } from './flow/stage-shares.ts';
export { fixed } from './framing/fixed.ts';
export type { FrameReader, Framing, TakeFrame } from './framing/framing.ts';
export { type LengthPrefixedOptions, lengthPrefixed } from './framing/length-prefixed.ts';
export { type LinesOptions, lines } from './framing/lines.ts';
export { keepGuestStates } from './guest-state/keep-guest-states.ts';
export type { IterTransform } from './iter-transform.ts';
export type { StreamJob, StreamRunOptions } from './job.ts';
export type { AtLast, DeadLetter, OnFailed, PutDeadLetter, RetryOptions } from './on-failed.ts';
export {
  type Backpressure,
  type BackpressureWord,
  type Delivery,
  type Ordering,
  type RecoveryMode,
  type StreamOptions,
  streamDefaults,
  type Takes,
} from './options.ts';
export { type PipelineOptions, pipeline } from './pipeline.ts';
export {
  createStreamProcessor,
  type StreamProcessor,
  type StreamProgress,
} from './processor.ts';
export type { BatchResult, RecordBatch, SharedBatch } from './record-batch.ts';
export type { StreamStart } from './run-parts.ts';
export type { StreamSummary } from './run-stream.ts';
export { type DatabaseSinkOptions, databaseSink } from './sink/database-sink.ts';
export { type FileSinkOptions, fileSink } from './sink/file-sink.ts';
export { type FunctionSinkOptions, functionSink } from './sink/function-sink.ts';
export { type FileSourceOptions, fileSource } from './source/file-source.ts';
export {
  type IterableSourceOptions,
  iterableSource,
  type Piece,
  type PieceIterable,
} from './source/iterable-source.ts';
export type { SourceIdentity } from './source/source-identity.ts';
export type { StageProgress, StageReport } from './stage-reports.ts';
export type { PipelineStage } from './stages.ts';
