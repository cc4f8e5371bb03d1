/** A wrapped function whose calls end when a test says so, in time that passes when a test says so. */
import { manualTime } from '../../bench/worlds/manual-time.ts';
import type { WrapFunctionOptions } from '../../src/adapters/function/options.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { isSandtuneError } from '../../src/foundation/errors.ts';

export const never = () => new Promise<never>(() => {});
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Ends of calls: 'ok', or the outcome of the error. */
export async function ends(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(calls);
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'ok';
    return isSandtuneError(result.reason) ? String(result.reason.outcome) : String(result.reason);
  });
}

/** A function whose calls end when they are told to. */
export function manual(options: WrapFunctionOptions = {}) {
  const begun: number[] = [];
  const finish = new Map<number, (value: string) => void>();
  const signals = new Map<number, AbortSignal | undefined>();
  const time = manualTime();
  const executor = wrap(
    (n: number, context: { readonly signal: AbortSignal } | undefined) => {
      begun.push(n);
      signals.set(n, context?.signal);
      return new Promise<string>((resolve) => finish.set(n, resolve));
    },
    { ...options, surroundings: { clock: time.clock, timers: time.timers } },
  );
  return { executor, begun, finish, signals, time };
}
