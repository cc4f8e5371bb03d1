/**
 * What a store holds, as plain data.
 *
 *   row    something that happened in a run, in order: never changed, chained to the row before it
 *   cell   the newest value under a name: a kept setting, a switch
 *   batch  rows and cells that get on disk together or not at all
 */

export interface NewRow {
  /** Whose run it is: the name of an executor, of a job. */
  readonly subject: string;
  /** One start of the subject, a safe integer that tells it from every other run of the store. */
  readonly run: number;
  readonly kind: string;
  readonly atMs: number;
  readonly text: string;
  /** Large, and one of many: kept apart and deflated, left out of an outline, dropped first when space runs out. */
  readonly bulk: boolean;
}

export interface Row extends Omit<NewRow, 'subject'> {
  /** Bulk rows of its run that came before it: says which of them lie between two rows of an outline. */
  readonly bulkBefore: number;
}

export interface Cell {
  readonly subject: string;
  readonly key: string;
  readonly value: string;
}

/** Says which grant of a lease somebody acts under: a later grant has a higher number. */
export interface Fence {
  readonly subject: string;
  readonly number: number;
}

/** A row in line to be written. */
export type WaitingRow = NewRow & Row;

export interface Batch {
  /** Counts the batches of one writer, from 1. */
  readonly number: number;
  readonly rows: readonly WaitingRow[];
  readonly cells: readonly Cell[];
  /** Under a grant that is no longer the newest, the rows are written (they tell what happened) and the cells are not. */
  readonly fence: Fence | null;
}

export interface RowSelection {
  readonly run?: number;
  readonly kinds?: readonly string[];
  /** false: without bulk rows, which is quick whatever the size of the store. @defaultValue true */
  readonly bulk?: boolean;
}
