/**
 * Makes sure that `postMessage` can carry a result. A result that it cannot carry would otherwise fail
 * inside the worker's reply, after every neighbour in the batch had succeeded, and take the worker down.
 */
import { types } from 'node:util';
import { bytesOf, memoryOf, viewOf } from '../../foundation/bytes.ts';
import { copyOfBytes } from '../../foundation/copy-bytes.ts';
import { refusePorts } from './message-ports.ts';

const maxDepth = 8;

/**
 * The value to send: itself, or for a view of a larger buffer (a guest's memory) a copy of the part
 * it shows, since `postMessage` sends the whole buffer of a view.
 * @throws {DataCloneError | TypeError} when it cannot be cloned
 */
export function postable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' || typeof value === 'symbol' ? structuredClone(value) : value;
  }
  if (ArrayBuffer.isView(value)) {
    // A view of a detached buffer has no bytes either: memory.grow() detaches the buffer of older views.
    return bytesOf(value) === 0 ? structuredClone(value) : compact(value);
  }
  if (types.isPromise(value)) throw promised(value);
  if (isPlain(value, maxDepth)) return value;
  refusePorts(value);
  return structuredClone(value);
}

function promised(value: Promise<unknown>): TypeError {
  // Nobody waits for it, so what it is rejected with is no affair of the worker's.
  value.then(undefined, () => undefined);
  return new TypeError("a promise; a guest's functions must be synchronous (imports() and bind() may be async)");
}

/** The same bytes in a buffer of their own size. */
export function compact<T extends ArrayBufferView>(view: T): T {
  if (bytesOf(view) === memoryOf(view).byteLength) return view;
  return view instanceof Uint8Array
    ? (copyOfBytes(view) as ArrayBufferView as T)
    : view instanceof DataView
      ? (new DataView(copyOfBytes(viewOf(view)).buffer) as ArrayBufferView as T)
      : ((view as unknown as Float64Array).slice() as ArrayBufferView as T);
}

/**
 * An argument as it is to be sent: a view without the rest of its buffer, which for a small Buffer of Node's is 64 KiB.
 * @throws {DataCloneError} where there is a port in it
 */
export function sendable(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (!ArrayBuffer.isView(arg)) {
    refusePorts(arg);
    return arg;
  }
  // Shared memory stays shared.
  return memoryOf(arg) instanceof SharedArrayBuffer ? arg : compact(arg);
}

/** The error of arguments that cannot be cloned; undefined when they can. */
export function cloneError(args: readonly unknown[]): unknown {
  try {
    refusePorts(args);
    structuredClone(args);
    return undefined;
  } catch (error) {
    // What is read may throw undefined.
    return error ?? new Error('arguments that throw when they are read');
  }
}

/** True for arrays and ordinary objects of values that can always be cloned, so that there is no need to try. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return false;
    case 'object':
      break;
    default:
      return true;
  }
  if (value === null) return true;
  if (depth === 0 || types.isProxy(value)) return false;
  if (Array.isArray(value)) {
    // Properties that are no elements are cloned too, and are not looked into here.
    if (Object.keys(value).length !== value.length) return false;
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth - 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], depth - 1)) return false;
  return true;
}
