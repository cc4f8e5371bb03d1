/** What can be wrong with checkpoints, told apart by what the caller can do about it. */
import { messageOf, SandtuneError } from '../../foundation/errors.ts';

/**
 * `damaged`: what was read is not what was written, or of a version that this one does not read. `lost`: there
 * are checkpoints and none verifies, so nobody knows where the job stood. `fenced`: a later run of the job has
 * begun. `unfit`: what was to be saved cannot be. `closed`. Of these none heals by waiting. `locked`, `full`,
 * `read-only`, `failed`: as the system says; these may heal.
 */
export type CheckpointTrouble =
  | 'damaged'
  | 'lost'
  | 'fenced'
  | 'unfit'
  | 'closed'
  | 'locked'
  | 'full'
  | 'read-only'
  | 'failed';

const healing: ReadonlySet<CheckpointTrouble> = new Set(['locked', 'full', 'read-only', 'failed']);

export class CheckpointError extends SandtuneError {
  readonly trouble: CheckpointTrouble;

  /** @param message what was expected and what came */
  constructor(trouble: CheckpointTrouble, message: string, cause?: unknown) {
    super(trouble === 'fenced' ? 'ERR_SANDTUNE_FENCED' : 'ERR_SANDTUNE_CHECKPOINT', message, { cause });
    this.trouble = trouble;
  }

  /** True where the same may be tried again, later. */
  get mayHeal(): boolean {
    return healing.has(this.trouble);
  }
}

/** What is in a checkpoint cannot be what was written. */
export function damaged(message: string, cause?: unknown): CheckpointError {
  return new CheckpointError('damaged', `checkpoint: ${message}`, cause);
}

/** What was to be saved is nothing that a checkpoint holds. */
export function unfit(message: string, cause?: unknown): CheckpointError {
  return new CheckpointError('unfit', `checkpoint: ${message}`, cause);
}

/** @param token of the run that wanted to write @param newest of the run that has begun since @param more to be said */
export function fenced(job: string, token: number, newest: number, more = ''): CheckpointError {
  const message = `job '${job}': expected run ${token} to be the newest, got run ${newest}: a later run has begun, and this one may write no more${more}`;
  return new CheckpointError('fenced', message);
}

const troublesOfNode: Readonly<Record<string, CheckpointTrouble>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
};

/** Anything that was thrown while `what` was done. */
export function checkpointError(what: string, thrown: unknown): CheckpointError {
  if (thrown instanceof CheckpointError) return thrown;
  const { code, trouble } = thrown as { readonly code?: string; readonly trouble?: string };
  const known =
    troublesOfNode[code ?? ''] ??
    (['locked', 'full', 'read-only', 'damaged'].find((one) => one === trouble) as CheckpointTrouble | undefined);
  return new CheckpointError(known ?? 'failed', `${what}: ${messageOf(thrown)}`, thrown);
}
