/** One call of a wrapped executor: the token, what it is called with, and its place in the queue. */
import type { CallOptions } from '../contracts.ts';
import type { Queued } from '../executor/dispatch-queue.ts';
import { Call, type CallBooks, type Series } from '../measure/call.ts';

export class OfferedCall<I, O> extends Call<O> implements Queued {
  readonly input: I;
  before: Queued | null = null;
  after: Queued | null = null;

  constructor(books: CallBooks, input: I, series: Series, options: CallOptions | undefined) {
    super(books, series, options);
    this.input = input;
  }
}
