/**
 * One error class for everything sandtune refuses or reports. A caller branches on `code` (what
 * went wrong), `outcome` (how the call counts) and `stage` (how far it had come).
 *
 * The brand is a registered symbol, so `isSandtuneError` also knows errors of a second copy of
 * this package and errors that crossed a thread.
 */
import type { Outcome, Stage } from '../contracts.ts';

const brand = Symbol.for('sandtune.error');

export type ErrorCode =
  // calls
  | 'ERR_SANDTUNE_TRAP'
  | 'ERR_SANDTUNE_DEADLINE'
  | 'ERR_SANDTUNE_CANCELLED'
  | 'ERR_SANDTUNE_CLOSED'
  | 'ERR_SANDTUNE_QUEUE_FULL'
  | 'ERR_SANDTUNE_TENANT_LIMIT'
  | 'ERR_SANDTUNE_MAX_WAIT'
  | 'ERR_SANDTUNE_WORKER_LOST'
  | 'ERR_SANDTUNE_ARGUMENTS'
  | 'ERR_SANDTUNE_RESULT'
  // guests
  | 'ERR_SANDTUNE_NOT_WASM'
  | 'ERR_SANDTUNE_EXPORT_MISSING'
  | 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED'
  | 'ERR_SANDTUNE_MEMORY_ABOVE_CAP'
  | 'ERR_SANDTUNE_BINDING'
  | 'ERR_SANDTUNE_GUEST_STATE'
  // options, knobs, goals
  | 'ERR_SANDTUNE_OPTION'
  | 'ERR_SANDTUNE_KNOB'
  | 'ERR_SANDTUNE_GOAL'
  | 'ERR_SANDTUNE_TARGET'
  | 'ERR_SANDTUNE_TUNED'
  | 'ERR_SANDTUNE_WINDOW'
  // streams
  | 'ERR_SANDTUNE_RECORD_TOO_LARGE'
  | 'ERR_SANDTUNE_RECORD_FAILED'
  | 'ERR_SANDTUNE_FRAMING'
  | 'ERR_SANDTUNE_SOURCE'
  | 'ERR_SANDTUNE_SINK'
  | 'ERR_SANDTUNE_CHECKPOINT'
  | 'ERR_SANDTUNE_FENCED'
  // stores, ledger, files, commands
  | 'ERR_SANDTUNE_STORE'
  | 'ERR_SANDTUNE_LEDGER'
  | 'ERR_SANDTUNE_LEASE'
  | 'ERR_SANDTUNE_INPUT'
  | 'ERR_SANDTUNE_PEER_MISSING'
  | 'ERR_SANDTUNE_NODE_VERSION';

export interface SandtuneErrorDetail {
  readonly cause?: unknown;
  readonly outcome?: Outcome;
  readonly stage?: Stage;
}

/** What sandtune refuses or reports: branch on `code`, and of a call on `outcome` and `stage`; the message is for people. */
export class SandtuneError extends Error {
  override readonly name = 'SandtuneError';
  readonly code: ErrorCode;
  readonly outcome: Outcome | undefined;
  readonly stage: Stage | undefined;
  readonly [brand] = true;

  /** @param message what was expected and what came */
  constructor(code: ErrorCode, message: string, detail: SandtuneErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.outcome = detail.outcome;
    this.stage = detail.stage;
  }
}

/** What is not taken in at all: a call, a guest, a worker. */
export function refusal(code: ErrorCode, message: string, cause?: unknown): SandtuneError {
  return new SandtuneError(code, message, { outcome: 'rejected', stage: 'admit', cause });
}

/** True for a SandtuneError of any copy of this package. Never throws: a proxy that does is none. */
export function isSandtuneError(value: unknown): value is SandtuneError {
  try {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  } catch {
    return false;
  }
}

/** Text of anything that was thrown, also of what cannot be read. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'a value without text';
  }
}
