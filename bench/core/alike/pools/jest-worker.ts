/** The guest behind jest-worker. */
import type { Answer, Bytes, Request } from '../request.ts';
import { workOf } from './work.ts';

let call: ((request: Request) => Answer) | null = null;

/** Called by jest-worker before the first call. */
export function setup(bytes: Bytes): void {
  call = workOf(new Uint8Array(bytes));
}

export function work(request: Request): Answer | undefined {
  return call?.(request);
}
