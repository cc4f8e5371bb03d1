/**
 * A source that runs for as long as it is told, again and again, so that one run of a stream can be measured in
 * windows: what a run costs at its start and its end is in none of them.
 */
import { iterableSource, type Source } from 'sandtune/stream';
import { systemClock } from '../../src/foundation/clock.ts';
import { listOf } from './records.ts';

export class Tap {
  readonly source: Source;
  readonly #list: Uint8Array[];
  #untilMs = 0;
  #isOver = false;
  #opened = Promise.withResolvers<void>();
  #shut = Promise.withResolvers<void>();

  constructor(recordBytes: number) {
    this.#list = listOf(recordBytes);
    this.source = iterableSource(() => this.#pieces(), { gives: 'records' });
  }

  /** Resolves when it has run for so long. */
  run(ms: number): Promise<void> {
    this.#untilMs = systemClock.now() + ms;
    this.#shut = Promise.withResolvers();
    this.#opened.resolve();
    return this.#shut.promise;
  }

  /** The source ends. */
  end(): void {
    this.#isOver = true;
    this.#opened.resolve();
  }

  #pieces(): AsyncIterable<Uint8Array[]> {
    const given = Promise.resolve({ done: false as const, value: this.#list });
    const next = async (): Promise<IteratorResult<Uint8Array[], undefined>> => {
      for (;;) {
        if (this.#isOver) return { done: true, value: undefined };
        if (systemClock.now() < this.#untilMs) return await given;
        this.#opened = Promise.withResolvers();
        this.#shut.resolve();
        await this.#opened.promise;
      }
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }
}
