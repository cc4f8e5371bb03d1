/**
 * Calls ⇄ the message that carries them. One flat array: no object a call is built or cloned.
 * Bytes are those of binary and text arguments and results; numbers and structure are not counted.
 */
import type { Call } from './call.ts';
import { compact } from './cloneable.ts';

export interface Batch {
  readonly calls: readonly Call[];
  /** Which of the lane's two slots of shared memory it uses. */
  readonly slot: number;
  readonly dispatchedMs: number;
  readonly bytesIn: number;
}

export interface Encoded {
  readonly message: unknown[];
  readonly bytes: number;
}

export function encode(slot: number, calls: readonly Call[]): Encoded {
  const message: unknown[] = [slot, calls.length];
  let bytes = 0;
  for (let i = 0; i < calls.length; i++) {
    const { fn, args } = calls[i] as Call;
    message.push(fn.id, args.length);
    for (let j = 0; j < args.length; j++) {
      let arg = args[j];
      if (typeof arg === 'object' && arg !== null && ArrayBuffer.isView(arg)) {
        // A view is posted with its whole buffer: Node's pooled Buffers would take 64 KiB along. Shared ones stay shared.
        if (!(arg.buffer instanceof SharedArrayBuffer)) arg = compact(arg);
        bytes += (arg as ArrayBufferView).byteLength;
      } else if (typeof arg === 'string') {
        bytes += arg.length;
      }
      message.push(arg);
    }
  }
  return { message, bytes };
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
