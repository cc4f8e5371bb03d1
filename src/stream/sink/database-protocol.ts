/** What the host and the thread of a database sink say to each other. */
import type { CheckpointKeeping, OpenSinkOptions, SavedWithOutput, SinkPosition } from '../contracts.ts';
import type { PackedRows, RowBuffers } from './packed-rows.ts';

export interface DatabaseSinkSetup {
  readonly path: string;
  readonly table: string;
  /** A first start may replace what the table has. */
  readonly overwrite: boolean;
  /** Rows that the table had at the checkpoint the run goes on from; null: it begins. */
  readonly fromRows: number | null;
  /** null: a run without checkpoints. */
  readonly run: (NonNullable<OpenSinkOptions['run']> & { readonly writer: string }) | null;
}

/** Each question of a sink: what it is given, and what it answers. */
export type DatabaseSinkCalls = {
  readonly open: { readonly given: undefined; readonly answer: undefined };
  readonly write: { readonly given: PackedRows; readonly answer: RowBuffers };
  readonly flush: { readonly given: undefined; readonly answer: SinkPosition };
  readonly commit: {
    readonly given: { readonly checkpoint: SavedWithOutput['checkpoint']; readonly keeping: CheckpointKeeping };
    readonly answer: SinkPosition;
  };
  /** true: what was not committed is undone. */
  readonly close: { readonly given: boolean; readonly answer: undefined };
};
