/** What checkpoints of a run are made of, and what they ask of it. */
import type { Clock, Timers } from '../../foundation/clock.ts';
import type {
  Checkpoint,
  CheckpointStorage,
  GuestStateKeeper,
  OpenSink,
  Position,
  RecordsInFlight,
  SourcePartition,
} from '../contracts.ts';
import type { Delivery as DeliveryGuarantee } from '../options.ts';
import type { SinkDelivery } from './delivery.ts';
import type { Line } from './line.ts';
import type { Stop } from './stop.ts';

export interface CheckpointingParts {
  readonly storage: CheckpointStorage;
  readonly sink: OpenSink;
  readonly delivery: DeliveryGuarantee;
  readonly intervalMs: number;
  readonly bytes: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly guests: GuestStateKeeper | undefined;
  readonly sources: readonly Pick<SourcePartition, 'partition' | 'identity' | 'identityAt'>[];
  readonly fixed: Pick<Checkpoint, 'job' | 'fencingToken' | 'configVersion' | 'version' | 'metadata' | 'moduleHash'>;
  readonly firstEpoch: number;
  /** Of the run it belongs to. */
  readonly flow: CheckpointedFlow;
}

/** What a checkpoint asks of a run. */
export interface CheckpointedFlow {
  readonly partitions: readonly {
    readonly partition: string;
    readonly read: Position[number];
    readonly committed: Position[number];
    readonly doneCount: number;
    doneCountAt(offset: number): number;
    inFlight(line?: number): RecordsInFlight;
    readonly gaps: { takeBefore(offset: number): Checkpoint['gaps'] };
    deliverBefore: number;
  }[];
  readonly delivery: Pick<SinkDelivery, 'acknowledged' | 'allAcknowledged' | 'ended' | 'wake'>;
  readonly stop: Pick<Stop, 'signal'>;
  readonly counts: { checkpoints: number; failedCheckpoints: number; heldMs: number; readonly bytesOut: number };
  readonly isGated: boolean;
  readonly isOver: boolean;
  readonly credits: { readonly isPaused: boolean };
  /** Of records that are in a call, or whose results wait for the sink. */
  readonly calledBytes: number;
  readonly line: Pick<Line, 'quiet' | 'draw' | 'resume' | 'deliver'>;
  controllerState(): unknown;
}
