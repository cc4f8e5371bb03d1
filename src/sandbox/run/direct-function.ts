/**
 * A function of a guest that is called in the caller's own thread: compiled once, for its signature, so that a
 * call is a check of each argument, two readings of the clock and the export itself.
 */
import type { SandtuneError } from '../../foundation/errors.ts';
import { fitting } from '../module/arguments.ts';
import type { FunctionPlan } from './call.ts';

/** Calls one function with arguments that fit. @throws {SandtuneError} what the call ended with */
export interface DirectTarget {
  readonly plan: FunctionPlan;
  /** The error of arguments that do not fit. Counts a call that is refused. */
  refused(args: readonly unknown[]): SandtuneError;
  call0(): unknown;
  call1(a: unknown): unknown;
  call2(a: unknown, b: unknown): unknown;
  call(args: readonly unknown[]): unknown;
}

export type DirectFunction = (...args: unknown[]) => unknown;

/** @throws {SandtuneError} from what it returns: ERR_SANDTUNE_ARGUMENTS, _CLOSED, _TRAP */
export function directFunction(target: DirectTarget): DirectFunction {
  const params = target.plan.signature?.params ?? [];
  const [first, second] = params.map((type) => fitting[type]);
  if (params.length === 0) {
    return (...more) => {
      if (more.length > 0) throw target.refused(more);
      return target.call0();
    };
  }
  if (params.length === 1 && first) {
    return (a, ...more) => {
      if (more.length > 0 || !first(a)) throw target.refused([a, ...more]);
      return target.call1(a);
    };
  }
  if (params.length === 2 && first && second) {
    return (a, b, ...more) => {
      if (more.length > 0 || !first(a) || !second(b)) throw target.refused([a, b, ...more]);
      return target.call2(a, b);
    };
  }
  const fits = params.map((type) => fitting[type]);
  return (...args) => {
    if (args.length !== fits.length || !fits.every((one, index) => one(args[index]))) throw target.refused(args);
    return target.call(args);
  };
}
