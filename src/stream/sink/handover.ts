/**
 * The sink behind `process()`: records wait until they are asked for. One is acknowledged when the next is
 * asked for, because only then has the one who asks done with it.
 */
import type { Ack, OpenSink, OutputRecord, SinkPosition } from '../contracts.ts';

interface Waiting {
  readonly resolve: (result: IteratorResult<OutputRecord, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

export class Handover implements OpenSink {
  #records: readonly OutputRecord[] = [];
  #at = 0;
  #ack: Ack = () => {};
  #out: OutputRecord | undefined;
  #taken: (() => void) | undefined;
  #waiting: Waiting | undefined;
  #over: { readonly error?: unknown } | undefined;

  /** Resolves when all of them are acknowledged but the last, which is out. */
  write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    this.#records = records;
    this.#at = 0;
    this.#ack = ack;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taken = resolve;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve({ done: false, value: this.#give() });
    return promise;
  }

  /** The next record; of one consumer, which asks for one after the other. @throws what the run failed with, once */
  next(): Promise<IteratorResult<OutputRecord, undefined>> {
    const out = this.#out;
    this.#out = undefined;
    if (out) this.#ack(out);
    if (this.#at < this.#records.length) return Promise.resolve({ done: false, value: this.#give() });
    if (this.#over) return this.#end();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  async flush(): Promise<SinkPosition> {
    return { kind: 'none' };
  }

  async close(): Promise<void> {}

  /** Nothing more comes; what was given before may still be taken where there was no error. */
  end(error?: { readonly error: unknown }): void {
    this.#over = error ?? {};
    if (error) {
      this.#records = [];
      this.#at = 0;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) void this.#end().then(waiting.resolve, waiting.reject);
  }

  #give(): OutputRecord {
    const record = this.#records[this.#at++] as OutputRecord;
    this.#out = record;
    if (this.#at === this.#records.length) {
      const taken = this.#taken;
      this.#taken = undefined;
      taken?.();
    }
    return record;
  }

  async #end(): Promise<IteratorResult<OutputRecord, undefined>> {
    const over = this.#over;
    this.#over = {};
    if (over && 'error' in over) throw over.error;
    return { done: true, value: undefined };
  }
}
