/** The calls of an executor whose work has not begun, and what is to be done with calls that are ended from outside. */
import type { Call } from '../measure/call.ts';

export interface Backlog<C extends Call = Call> {
  /** Calls that wait. */
  readonly queued: number;
  /** True while as many calls wait as can run at once, or one more would be shed. */
  readonly needsDrain: boolean;
  /** Resolves when no call waits, and one more would not be shed. */
  drained(): Promise<void>;
  /** Removes the calls that wait here and returns them in the order they would have left; others may wait elsewhere. */
  clear(): C[];
  /** Removes a call whose work has not begun, wherever it is. @returns false when its work has begun */
  takeBack(call: C): boolean;
  /** The call has ended for its caller, but its work may go on: frees what it holds, where that can be done. */
  abandon(call: C, reason: unknown): void;
  /** What becomes of that work, for the error of the call. */
  readonly aftermath: string;
  /** No call is taken in any more. */
  end(): void;
}
