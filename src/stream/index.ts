/** The package entry `sandtune/stream`: data larger than memory through an executor. */
import '../foundation/node-version.ts';

export { CheckpointError, type CheckpointTrouble } from './checkpoint/checkpoint-error.ts';
export type { StoredCheckpoint } from './checkpoint/room.ts';
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
  CheckpointStorage,
  FrameReader,
  Framing,
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
  Restored,
  Sink,
  SinkPosition,
  Source,
  SourceIdentity,
  SourceOfPartition,
  SourcePartition,
  StreamRecord,
  TakeFrame,
  VerifiedCheckpoint,
} from './contracts.ts';
export { fixed } from './framing/fixed.ts';
export { type LengthPrefixedOptions, lengthPrefixed } from './framing/length-prefixed.ts';
export { type LinesOptions, lines } from './framing/lines.ts';
export { keepGuestStates } from './guest-state/keep-guest-states.ts';
