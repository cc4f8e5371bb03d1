/**
 * Calls ⇄ the message that carries them. One flat array: no object a call is built or cloned.
 * Bytes are those of binary and text arguments and results; numbers and structure are not counted.
 */
import { type CallBooks, Dispatch } from '../../measure/call.ts';
import type { Call } from './call.ts';
import { compact } from './cloneable.ts';

export class Batch extends Dispatch<Call> {
  /** Which of the lane's two slots of shared memory it uses. */
  readonly slot: number;

  constructor(books: CallBooks, calls: readonly Call[], slot: number, bytesIn: number) {
    super(books, calls);
    this.slot = slot;
    this.bytesIn = bytesIn;
  }
}

export interface Encoded {
  readonly message: unknown[];
  readonly bytes: number;
}

/** Never throws: what cannot be read is left for the posting to refuse, and with it the one call. */
export function encode(slot: number, calls: readonly Call[]): Encoded {
  const message: unknown[] = [slot, calls.length];
  let bytes = 0;
  for (let i = 0; i < calls.length; i++) {
    const { fn, args } = calls[i] as Call;
    const at = message.length;
    try {
      message.push(fn.id, args.length);
      for (let j = 0; j < args.length; j++) {
        const arg = posted(args[j]);
        bytes += bytesOf(arg);
        message.push(arg);
      }
    } catch {
      message.length = at;
      message.push(fn.id, 1, cannotBePosted);
    }
  }
  return { message, bytes };
}

function cannotBePosted(): void {}

function posted(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !ArrayBuffer.isView(arg)) return arg;
  // A view is posted with its whole buffer: Node's pooled Buffers would take 64 KiB along. Shared ones stay shared.
  return arg.buffer instanceof SharedArrayBuffer ? arg : compact(arg);
}

/** Bytes of a result, as `encode` counts those of an argument. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null && ArrayBuffer.isView(value) ? value.byteLength : 0;
}

/** The error of arguments that cannot be posted; undefined when they can. */
export function cloneError(args: readonly unknown[]): unknown {
  try {
    structuredClone(args);
    return undefined;
  } catch (error) {
    return error;
  }
}
