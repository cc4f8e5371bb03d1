/**
 * What the host and the thread that reads a stored ledger say to each other. A result may take megabytes,
 * so it comes in parts, each of which the host asks for: it takes one a turn of its event loop.
 */

import type { ErrorCode } from '../../src/foundation/errors.ts';
import type { Trouble } from '../../src/store/store-error.ts';
import type { ReportData, TrialData } from '../report/data.ts';
import type { StoredReplay } from './stored-replay.ts';

export type ReadingRequest = ReportRequest | ReplayRequest;

export interface ReportRequest {
  readonly kind: 'report';
  readonly path: string;
  readonly session?: number;
  readonly title?: string;
  readonly replay: boolean;
}

export interface ReplayRequest {
  readonly kind: 'replay';
  readonly path: string;
  readonly session?: number;
}

export type Part =
  | { readonly of: 'replay'; readonly replay: StoredReplay }
  /** Without its trials, which follow. */
  | { readonly of: 'data'; readonly data: ReportData }
  | { readonly of: 'trials'; readonly trials: readonly TrialData[] }
  | { readonly of: 'html' | 'markdown' | 'json'; readonly text: string };

/** What the thread answers when it is asked for the next part. */
export type FromReader =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly failure: ReadingFailure };

/** An error as plain data. */
export type ReadingFailure =
  | { readonly kind: 'store'; readonly path: string; readonly trouble: Trouble; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  /** Nobody foresaw it. */
  | { readonly kind: 'unforeseen'; readonly message: string };
