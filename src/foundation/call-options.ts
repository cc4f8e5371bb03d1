/** The one check of what callers hand to `run()` beside the input, for every executor. */
import type { CallOptions } from '../contracts.ts';
import { SandtuneError } from './errors.ts';
import { shown } from './options.ts';

/**
 * The error of call options that would break the call half-way; undefined when they will do. To be
 * asked before the call is counted as offered.
 * @param name of what is called, for the message
 */
export function callOptionsError(name: string, options: unknown): SandtuneError | undefined {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== 'object') return wrong(`${name}: expected an object of call options, got ${shown(options)}`);
  const { signal, intendedStartMs } = options as CallOptions;
  if (signal !== undefined && !isSignal(signal)) {
    return wrong(`${name}: expected signal to be an AbortSignal, got ${shown(signal)}`);
  }
  if (intendedStartMs !== undefined && !Number.isFinite(intendedStartMs)) {
    return wrong(`${name}: expected intendedStartMs to be a finite number, got ${shown(intendedStartMs)}`);
  }
  return undefined;
}

/** By shape: signals of other realms and stand-ins will do. */
function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}

function wrong(message: string): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_ARGUMENTS', message, { outcome: 'rejected', stage: 'admit' });
}
