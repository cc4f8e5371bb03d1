/**
 * Who has a file open to write: told in a checkpoint, so that a later run of the job knows whether bytes of that one
 * may still come. A process that was stopped may go on after an hour, in the middle of a write.
 */
import { randomUUID } from 'node:crypto';
import { threadId } from 'node:worker_threads';
import { processWide } from '../../foundation/process-wide.ts';
import { identityIn, isGone, processText, thisProcess } from '../../store/process-identity.ts';

/** Of this thread, those that have not ended: also of another copy of the package. */
const writing = processWide('stream-writers', () => new Set<string>());

/** JSON, for `SinkPosition.writer`. To be told to `writerEnded()` when its file is closed. */
export function newWriter(): string {
  const writer = JSON.stringify({ ...thisProcess(), id: `${threadId} ${randomUUID()}` });
  writing.add(writer);
  return writer;
}

export function writerEnded(writer: string): void {
  writing.delete(writer);
}

/**
 * False only where it is known to have ended. One that cannot be seen from here (another machine or container), and
 * one of another thread of this process, may still write.
 */
export function mayStillWrite(writer: string | undefined): boolean {
  const identity = identityIn(writer);
  if (!identity || writer === undefined) return true;
  const { host, boot, namespace, pid, started } = thisProcess();
  const isThisProcess =
    identity.host === host &&
    identity.boot === boot &&
    identity.namespace === namespace &&
    identity.pid === pid &&
    identity.started === started;
  if (!isThisProcess) return !isGone(identity);
  return writing.has(writer) || !threadText(writer).startsWith(`${threadId} `);
}

/** 'process 123 on build-7'. */
export function writerText(writer: string | undefined): string {
  const identity = identityIn(writer);
  return identity ? processText(identity) : 'a process that is not known';
}

function threadText(writer: string): string {
  const { id } = JSON.parse(writer) as { readonly id?: unknown };
  return String(id);
}
