/**
 * A window that is still open: it joins the pieces the recorder hands it until it is cut. Any number
 * may be open at once; each keeps its own books of the calls in flight when it began.
 */
import type { Distribution, OpenWindow, Window } from '../contracts.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { joinPieces, type Piece, toWindow } from './piece.ts';

/** What a window asks of its recorder. */
export interface WindowSource {
  /** Hands the active piece to every open window. */
  rotate(): void;
  inFlight(): number;
  /** The recorder's clock at its last rotation. */
  nowMs(): number;
  /** Ages of the calls in flight that were submitted after `sinceMs` and in the current epoch. */
  unfinished(sinceMs: number): Distribution;
  /** Since the recorder was made. */
  settledCount(): number;
  disposed(): void;
}

export class HeldWindow implements OpenWindow {
  readonly #source: WindowSource;
  #held: Piece | undefined;
  #backlogAtStart: number;
  #settledAtStart: number;
  readonly #openedMs: number;
  #open = true;

  constructor(source: WindowSource) {
    this.#source = source;
    this.#backlogAtStart = source.inFlight();
    this.#settledAtStart = source.settledCount();
    this.#openedMs = source.nowMs();
  }

  get settledCount(): number {
    return this.#source.settledCount() - this.#settledAtStart;
  }

  /** The recorder's next piece. */
  take(piece: Piece): void {
    this.#held = this.#held ? joinPieces(this.#held, piece) : piece;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_CLOSED after disposal */
  cut(): Window {
    if (this.#open) this.#source.rotate();
    const held = this.#held;
    if (!held || !this.#open)
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'cut(): expected an open window, got one that was disposed');
    const backlogAtEnd = this.#source.inFlight();
    const window = toWindow(held, {
      backlogAtStart: this.#backlogAtStart,
      backlogAtEnd,
      unfinished: this.#source.unfinished(this.#openedMs),
    });
    this.#held = undefined;
    this.#backlogAtStart = backlogAtEnd;
    this.#settledAtStart = this.#source.settledCount();
    return window;
  }

  [Symbol.dispose](): void {
    this.#open = false;
    this.#held = undefined;
    this.#source.disposed();
  }
}
