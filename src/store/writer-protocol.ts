/** What the host and the writer's thread say to each other. */
import type { Batch, Fence } from './row.ts';
import type { Trouble } from './store-error.ts';
import type { Answer, Request } from './writer.ts';

export interface WriterSetup {
  readonly path: string;
  readonly version: number;
  /** Which file it is, so that another one that stands there meanwhile is not written to. */
  readonly place: string;
  /** Name under which the number of batches on disk is kept. */
  readonly writer: string;
  /** One Int32: number of the last batch that was written or could not be. A host that flushes waits on it. */
  readonly progress: Int32Array;
}

export type ToWriter =
  | { readonly kind: 'append'; readonly batches: readonly Batch[] }
  /** Try again now what could not be written. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'ask'; readonly id: number; readonly request: Request }
  | { readonly kind: 'close' };

export interface WriteRefusal {
  readonly trouble: Trouble;
  readonly reason: string;
}

export type FromWriter =
  /** It lives, and has not touched the disk yet. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'written'; readonly upTo: number; readonly outdated: readonly Fence[] }
  | { readonly kind: 'refused'; readonly upTo: number; readonly refusal: WriteRefusal }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'no answer'; readonly id: number; readonly refusal: WriteRefusal };
