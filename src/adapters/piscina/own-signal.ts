/**
 * The signal of one call of a pool, which fires when the caller's does. piscina adds a listener to a
 * signal for each call, and a signal takes the longer for each the more it has, so a signal that many
 * calls share is not handed on.
 */
import { type AbortListener, ignoreAbort, listenToAbort } from '../../foundation/abort.ts';
import { isAborted, reasonOf } from '../../foundation/call-options.ts';

export class OwnSignal implements AbortListener {
  readonly #controller = new AbortController();
  readonly #callers: AbortSignal;

  /** Follows the caller's signal until `end()`. @throws what it throws when it is listened to */
  constructor(callers: AbortSignal) {
    this.#callers = callers;
    if (isAborted(callers)) this.handleEvent();
    else listenToAbort(callers, this);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  handleEvent(): void {
    this.#controller.abort(reasonOf(this.#callers));
  }

  end(): void {
    ignoreAbort(this.#callers, this);
  }
}
