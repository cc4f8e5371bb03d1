/** What pools run whose functions give or throw what is not as usual. */

/** Keeps Node from aborting the process where a worker is ended while it loads this file: see bench/accept/wrap/fault-worker.ts. */
export const __esModule = true;

interface Counted {
  /** Counts the runs. */
  readonly runs?: SharedArrayBuffer;
}

export async function* lines({ runs }: Counted): AsyncGenerator<number> {
  count(runs);
  yield 1;
}

export function give({ runs }: Counted): Generator<number> {
  count(runs);
  return numbers();
}

export function clone(): unknown {
  return structuredClone(() => 1);
}

export default function echo(input: unknown): unknown {
  return input;
}

/** Answers once its first number is 1, and sets the second when it does. */
export function whenTold(told: Int32Array): void {
  Atomics.wait(told, 0, 0);
  Atomics.store(told, 1, 1);
}

export function never(): Promise<never> {
  return new Promise(() => {});
}

function* numbers(): Generator<number> {
  yield 1;
}

function count(runs: SharedArrayBuffer | undefined): void {
  if (runs) Atomics.add(new Int32Array(runs), 0, 1);
}
