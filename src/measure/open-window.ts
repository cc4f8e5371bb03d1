/**
 * A window that is still open: it joins the deltas the recorder hands it until it is cut. Any number
 * may be open at once; each keeps its own books of the calls in flight when it began.
 */
import type { Distribution, OpenWindow, Window } from '../contracts.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { type Delta, joinDeltas, toWindow } from './delta.ts';
import { emptyDistribution } from './distribution.ts';

/** What a window asks of its recorder. */
export interface WindowSource {
  /** Its name. */
  readonly executor: string;
  /** Hands the accumulated delta to every open window. */
  rotate(): void;
  inFlight(): number;
  /** Changes of configuration so far. */
  epoch(): number;
  /** Ages, at the last rotation, of the calls in flight that were offered in the current epoch. */
  unfinished(): Distribution;
  /** Calls settled since the recorder was made. */
  settledCount(): number;
  /** What was left in flight where the newest window of the recorder ended; null before the first. */
  lastLeft(): LeftInFlight | null;
  /** A window ended. */
  left(inFlight: LeftInFlight): void;
  /** Calls are refused, and none is in flight: nothing will come any more. */
  isOver(): boolean;
  disposed(): void;
}

/** The calls in flight where a window ended. */
export interface LeftInFlight {
  readonly epoch: number;
  /** Calls settled until then, since the recorder was made. */
  readonly settledCount: number;
  readonly ages: Distribution;
}

export class JoinedWindow implements OpenWindow {
  readonly #source: WindowSource;
  #joined: Delta | undefined;
  #backlogAtStart: number;
  #settledAtStart: number;
  /** Ages of the calls that were in flight when the window began, and the epoch these ages are of. */
  #carried: { readonly epoch: number; readonly ages: Distribution };
  #open = true;
  /** The last cut gave the last that there was to measure. */
  #isOver = false;

  constructor(source: WindowSource) {
    this.#source = source;
    this.#backlogAtStart = source.inFlight();
    this.#settledAtStart = source.settledCount();
    this.#carried = carriedInto(source);
  }

  get settledCount(): number {
    return this.#source.settledCount() - this.#settledAtStart;
  }

  /** Joins the recorder's next delta to the window. */
  take(delta: Delta): void {
    this.#joined = this.#joined ? joinDeltas(this.#joined, delta) : delta;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_CLOSED after disposal, and after the window in which the last call of a closed executor ended */
  cut(): Window {
    if (this.#isOver) throw closedExecutor('cut()', this.#source.executor);
    if (this.#open) this.#source.rotate();
    const joined = this.#joined;
    if (!joined || !this.#open)
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'cut(): expected an open window, got one that was disposed');
    const backlogAtEnd = this.#source.inFlight();
    const unfinished = this.#source.unfinished();
    const carried = this.#carried.epoch === joined.epoch ? this.#carried.ages : emptyDistribution;
    const window = toWindow(joined, { backlogAtStart: this.#backlogAtStart, backlogAtEnd, carried, unfinished });
    this.#carried = { epoch: joined.epoch, ages: unfinished };
    this.#joined = undefined;
    this.#backlogAtStart = backlogAtEnd;
    this.#settledAtStart = this.#source.settledCount();
    this.#source.left({ ...this.#carried, settledCount: this.#settledAtStart });
    this.#isOver = this.#source.isOver();
    return window;
  }

  [Symbol.dispose](): void {
    this.#open = false;
    this.#joined = undefined;
    this.#source.disposed();
  }
}

/**
 * What a window knows of the calls in flight when it begins. Where none has settled since another window
 * ended, they have been watched since then: on a busy machine a window ends when calls come back, and the
 * next one begins before any other does. Were the time between the two left out, the time that calls wait
 * would be, and latency would be told as lower than that of the calls that came back.
 */
function carriedInto(source: WindowSource): Omit<LeftInFlight, 'settledCount'> {
  const epoch = source.epoch();
  const last = source.lastLeft();
  const isWatched = last?.epoch === epoch && last.settledCount === source.settledCount();
  return isWatched ? last : { epoch, ages: source.unfinished() };
}

/** Windows of an executor that was closed would be empty for ever, which is not the same as an executor without calls. */
export function closedExecutor(asked: string, name: string): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_CLOSED',
    `${asked}: expected an open executor, got '${name}', which was closed`,
  );
}
