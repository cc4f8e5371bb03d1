/** What one run is made of, and what its start tells. */
import type { CheckpointStorage, GuestStateKeeper, Sink, Source } from './contracts.ts';
import type { Flow } from './flow/flow.ts';
import type { FlowParts } from './flow/flow-parts.ts';

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
  /** The options are others than those of the run before, or the text of a function, or a guest's module. */
  readonly isConfigChanged: boolean;
}
