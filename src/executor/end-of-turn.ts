/** Calls a function at the end of this turn of the event loop, once however often it was asked to. */
import { afterTurn } from '../foundation/turns.ts';

export class EndOfTurn {
  readonly #ended: () => void;
  #isSet = false;

  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /** O(1), no allocation. */
  readonly await = (): void => {
    if (this.#isSet) return;
    this.#isSet = true;
    // A microtask would run after each callback of this turn, and find a single call each time.
    afterTurn(this.#due);
  };

  readonly #due = (): void => {
    this.#isSet = false;
    this.#ended();
  };
}
