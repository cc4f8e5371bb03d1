/** The sink behind `process()`: results are pulled and acknowledged one by one. */
import type { Ack, OutputRecord } from '../contracts.ts';
import { PulledSink } from './pulled-sink.ts';

export class Handover extends PulledSink<OutputRecord> {
  #records: readonly OutputRecord[] = [];
  #at = 0;
  #ack: Ack = () => {};
  #out: OutputRecord | undefined;
  #taken: (() => void) | undefined;

  /** Resolves when all of them are acknowledged but the last, which is out. */
  write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    this.#records = records;
    this.#at = 0;
    this.#ack = ack;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taken = resolve;
    this.came();
    return promise;
  }

  protected take(): OutputRecord | undefined {
    if (this.#at >= this.#records.length) return undefined;
    const record = this.#records[this.#at++] as OutputRecord;
    this.#out = record;
    if (this.#at === this.#records.length) {
      const taken = this.#taken;
      this.#taken = undefined;
      taken?.();
    }
    return record;
  }

  protected acknowledge(): void {
    const out = this.#out;
    this.#out = undefined;
    if (out) this.#ack(out);
  }

  protected forget(): void {
    this.#records = [];
    this.#at = 0;
  }
}
