/** Carries out what becomes of a record that has failed for good: the run fails, or the record is left out. */
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { type AtLast, type DeadLetter, deadLetterOf, type PutDeadLetter } from '../on-failed.ts';
import type { MutableCounts } from './counts.ts';
import type { FlowEntry } from './entry.ts';
import type { Stop } from './stop.ts';

export interface FailedParts {
  readonly counts: MutableCounts;
  readonly stop: Stop;
  readonly deadLetters: PutDeadLetter | undefined;
  /** In which it failed, where there are several. */
  readonly stage: string | undefined;
  /** It is done with, without results. */
  readonly leaveOut: () => void;
}

export function recordFailed(parts: FailedParts, entry: FlowEntry, error: unknown, what: AtLast): void {
  const { counts, stop, leaveOut } = parts;
  if (what === 'fail') stop.stop(failure(entry, error, parts.stage));
  else if (what === 'skip') {
    counts.skipped++;
    entry.gap = 'skipped';
    leaveOut();
  } else {
    stop.or(put(parts.deadLetters, deadLetterOf(entry, error, parts.stage))).then(
      () => {
        counts.deadLetters++;
        entry.gap = 'dead-letter';
        leaveOut();
      },
      (cause: unknown) => stop.stop(notTaken(entry, cause)),
    );
  }
}

/** @param frameBytes that it takes in a source of bytes */
export function tooLongError(
  { partition, offset, bytes }: Pick<FlowEntry, 'partition' | 'offset' | 'bytes'>,
  maxRecordBytes: number,
  frameBytes: number,
): SandtuneError {
  // A framing keeps its beginning only; a source of records gives it whole.
  const takes = Math.max(frameBytes, bytes.length);
  const message = `partition ${partition}, record ${offset}: expected at most ${maxRecordBytes} bytes (maxRecordBytes), got a record that takes ${takes}`;
  return new SandtuneError('ERR_SANDTUNE_RECORD_TOO_LARGE', message);
}

async function put(deadLetters: PutDeadLetter | undefined, letter: DeadLetter): Promise<void> {
  await deadLetters?.(letter);
}

function failure({ partition, offset, attempts }: FlowEntry, cause: unknown, stage: string | undefined): SandtuneError {
  const tries = `${attempts} ${attempts === 1 ? 'try' : 'tries'}`;
  const where = stage === undefined ? '' : `, stage ${stage}`;
  const message = `partition ${partition}, record ${offset}${where}: expected a result, got an error after ${tries}: ${messageOf(cause)}`;
  return new SandtuneError('ERR_SANDTUNE_RECORD_FAILED', message, { cause });
}

function notTaken({ partition, offset }: FlowEntry, cause: unknown): SandtuneError {
  const message = `deadLetters: expected to take record ${offset} of partition ${partition}, got: ${messageOf(cause)}`;
  return new SandtuneError('ERR_SANDTUNE_SINK', message, { cause });
}
