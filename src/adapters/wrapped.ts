/** What `wrap()` returns, and the part every wrapped executor has in common. */
import type { CallOptions, Executor, Knob, Load, OpenWindow } from '../contracts.ts';
import { SandtuneError } from '../foundation/errors.ts';
import type { Recorder } from '../measure/recorder.ts';
import { OfferedCall } from './offered-call.ts';

/** A measured executor over something the user already runs. */
export interface Wrapped<I, O, C extends CallOptions = CallOptions> extends Executor<I, O> {
  readonly recorder: Recorder;
  run(input: I, call?: C): Promise<O>;
}

export interface WrappedParts<I, O, C extends CallOptions> {
  readonly name: string;
  readonly load: Load | undefined;
  readonly knobs: readonly Knob[];
  readonly recorder: Recorder;
  /** The name a call is counted under. */
  readonly functionOf: (call: C | undefined) => string;
  /** Takes a call in that is neither aborted nor late; settles it in the end. */
  readonly admit: (call: OfferedCall<I, O>, options: C | undefined) => void;
  /** No call comes in any more; resolves when nothing waits, nothing runs, nothing is held. */
  readonly drain: () => Promise<void>;
}

export class WrappedExecutor<I, O, C extends CallOptions> implements Wrapped<I, O, C> {
  readonly name: string;
  readonly load: Load | undefined;
  readonly knobs: readonly Knob[];
  readonly recorder: Recorder;
  readonly #parts: WrappedParts<I, O, C>;
  #closed: Promise<void> | undefined;

  constructor(parts: WrappedParts<I, O, C>) {
    this.name = parts.name;
    this.load = parts.load;
    this.knobs = Object.freeze([...parts.knobs]);
    this.recorder = parts.recorder;
    this.#parts = parts;
  }

  /**
   * Resolves with the value. Rejects with what the target threw, unchanged; with `signal.reason` when
   * cancelled; with a SandtuneError where the call was refused here (ERR_SANDTUNE_CLOSED,
   * ERR_SANDTUNE_QUEUE_FULL).
   */
  run(input: I, options?: C): Promise<O> {
    const { functionOf, admit } = this.#parts;
    const call = new OfferedCall<I, O>(this.recorder.books, input, this.recorder.series(functionOf(options)), options);
    if (this.#closed) call.failed('rejected', closedError(this.name));
    else if (!call.settled) admit(call, options);
    return call.promise;
  }

  openWindow(): OpenWindow {
    return this.recorder.openWindow();
  }

  close(): Promise<void> {
    this.#closed ??= this.#parts.drain();
    return this.#closed;
  }
}

function closedError(name: string): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_CLOSED', `run(): expected an open executor, got '${name}', which was closed`, {
    outcome: 'rejected',
    stage: 'admit',
  });
}

export function queueFullError(name: string, maxQueue: number): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_QUEUE_FULL',
    `run(): '${name}' expected at most ${maxQueue} waiting calls, got one more`,
    {
      outcome: 'shed',
      stage: 'queue',
    },
  );
}
