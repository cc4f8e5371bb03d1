/**
 * The sink behind `batches()`: results are pulled as lists of bytes, as iterables of `node:stream/iter` give them, a
 * list for each that the run delivers. The next list is made ready while one is out.
 */
import type { Ack, OutputRecord } from '../contracts.ts';
import type { Framing } from '../framing/framing.ts';
import { framedParts } from './framed.ts';
import { PulledSink } from './pulled-sink.ts';

interface Batch {
  readonly parts: Uint8Array[];
  readonly records: readonly OutputRecord[];
  readonly ack: Ack;
}

export class BatchHandover extends PulledSink<Uint8Array[]> {
  readonly #framing: Framing | undefined;
  #there: Batch | undefined;
  #out: Batch | undefined;
  #taken: (() => void) | undefined;

  /** @param framing undefined: each result is a member of its list */
  constructor(framing: Framing | undefined) {
    super();
    this.#framing = framing;
  }

  async write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    const parts = this.#framing ? [...framedParts(records, this.#framing)] : records.map(({ bytes }) => bytes);
    const batch = { parts, records, ack };
    // Empty results without a frame are nothing that bytes could carry.
    if (parts.length === 0) return acknowledgeAll(batch);
    this.#there = batch;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taken = resolve;
    this.came();
    await promise;
  }

  protected take(): Uint8Array[] | undefined {
    this.#out = this.#there;
    this.#there = undefined;
    if (this.#out) this.#taken?.();
    return this.#out?.parts;
  }

  protected acknowledge(): void {
    const out = this.#out;
    this.#out = undefined;
    if (out) acknowledgeAll(out);
  }

  protected forget(): void {
    this.#there = undefined;
  }
}

function acknowledgeAll({ records, ack }: Batch): void {
  for (const record of records) ack(record);
}
