/** What one run tells the books of its processor: counted as it goes, and entered when a piece was offered, or somebody reads. */
import type { Clock } from '../../foundation/clock.ts';
import type { RecordBooks } from '../record-books.ts';
import type { StreamCounts } from './counts.ts';
import type { FlowEntry, RunMoment } from './entry.ts';
import { noOutputs } from './outputs.ts';
import { DeliveryMeasures } from './stage-measures.ts';

export class FlowBooks {
  readonly measures: DeliveryMeasures;
  readonly #books: RecordBooks;
  readonly #counts: StreamCounts;
  readonly #clock: Clock;
  #now: RunMoment;
  /** At that moment, and not entered yet. */
  #offered = 0;
  #shed = 0;
  #enteredIn = 0;
  #enteredOut = 0;
  #isEnded = false;

  constructor(books: RecordBooks, counts: StreamCounts, clock: Clock) {
    this.#books = books;
    this.#counts = counts;
    this.#clock = clock;
    this.#now = books.moment(clock.now());
    this.measures = new DeliveryMeasures((since, ms, count) => {
      books.settled(since, 'ok', since.ms + ms, count);
      books.took('latency', since, ms, count);
    });
  }

  /** When what is admitted now was read. */
  get now(): RunMoment {
    return this.#now;
  }

  /** Something else was read. */
  came(): void {
    this.enterOffered();
    this.#now = this.#books.moment(this.#clock.now());
  }

  /** @param isShed it is left out at once */
  offered(isShed: boolean): void {
    if (isShed) this.#shed++;
    if (isShed || this.#books.isOpen) this.#offered++;
  }

  admitted(entry: FlowEntry): void {
    if (this.#books.isOpen) entry.offered = entry.since;
  }

  /** To be called before anything that was offered can have ended. */
  enterOffered(): void {
    if (this.#offered > 0) this.#books.offered(this.#now, this.#offered);
    if (this.#shed > 0) this.#books.settled(this.#now, 'shed', this.#now.ms, this.#shed);
    this.#offered = 0;
    this.#shed = 0;
  }

  /** A record is done with. */
  done({ since, offered, gap, outputs, stageSince }: FlowEntry, nowMs: number): void {
    if (this.#isEnded) return;
    // One that could not be called at all is offered as it fails.
    if (offered === null) this.#books.offered(since, 1);
    const from = offered ?? since;
    if (gap === null) this.measures.delivered(since, from, outputs !== noOutputs ? stageSince : null, nowMs);
    else this.#books.settled(from, gap === 'dropped' ? 'shed' : 'trap', nowMs);
  }

  /** All that was counted and measured. */
  enter(): void {
    const { bytesIn, bytesOut } = this.#counts;
    this.enterOffered();
    this.measures.end();
    this.#books.bytes(bytesIn - this.#enteredIn, bytesOut - this.#enteredOut);
    this.#enteredIn = bytesIn;
    this.#enteredOut = bytesOut;
  }

  /** The run is over: of these nothing more will be heard. */
  end(open: Iterable<FlowEntry>): void {
    this.#isEnded = true;
    this.enter();
    const nowMs = this.#clock.now();
    for (const { offered } of open) if (offered) this.#books.settled(offered, 'cancelled', nowMs);
  }
}
