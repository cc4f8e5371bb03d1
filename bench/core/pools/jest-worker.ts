/** The guest behind jest-worker. */
import { workOf } from './work.ts';

let call: (turns: number) => number = () => Number.NaN;

/** Called by jest-worker before the first call. */
export function setup(bytes: Uint8Array<ArrayBuffer>): void {
  call = workOf(new Uint8Array(bytes));
}

export function work(turns: number): number {
  return call(turns);
}
