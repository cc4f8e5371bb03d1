/**
 * Credits: how much may be in flight, in bytes and in records, from the source until the sink has
 * acknowledged. What is taken is what is held, so the sum is the memory that the stream answers for.
 *
 *   held ≥ high of either ─▶ paused ─▶ held ≤ low of both ─▶ open
 *
 * Between the two it stays as it is, which keeps it from flapping. Pure: it decides nothing but whether
 * there is room.
 */
export interface CreditLimits {
  readonly bytes: number;
  readonly records: number;
  /** Shares of both limits. */
  readonly low: number;
  readonly high: number;
}

export class Credits {
  #limits: CreditLimits;
  /** Of the limits: where a pause begins and ends, so that a record costs no division. */
  #highBytes = 0;
  #highRecords = 0;
  #lowBytes = 0;
  #lowRecords = 0;
  #bytes = 0;
  #records = 0;
  #isPaused = false;
  /** The most that was ever held. */
  peakBytes = 0;
  peakRecords = 0;
  /** How often it went from open to paused. */
  pauses = 0;

  constructor(limits: CreditLimits) {
    this.#limits = limits;
    this.#setMarks();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#records;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get limits(): CreditLimits {
    return this.#limits;
  }

  /** The larger share of either limit, 0 = empty. */
  get fill(): number {
    return Math.max(this.#bytes / this.#limits.bytes, this.#records / this.#limits.records);
  }

  /** A record of this many bytes may be taken: not paused, and the limits hold with it. A first one always may. */
  hasRoomFor(bytes: number): boolean {
    return this.#records === 0 || (!this.#isPaused && this.fits(bytes));
  }

  /** The limits hold with it, paused or not: for what is dropped where they do not, and would be dropped for nothing. */
  fits(bytes: number, records = 1): boolean {
    if (this.#records + records <= 1) return true;
    return this.#bytes + bytes <= this.#limits.bytes && this.#records + records <= this.#limits.records;
  }

  /** There was no room for a record: what is held need not have come to the high watermark. */
  pause(): void {
    if (this.#isPaused || this.#records === 0) return;
    this.#isPaused = true;
    this.pauses++;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
    this.#records++;
    this.#note();
  }

  /** A record that is held has become this much larger, or smaller. */
  resize(deltaBytes: number): void {
    this.#bytes += deltaBytes;
    this.#note();
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#records--;
    this.#note();
  }

  change(limits: CreditLimits): void {
    this.#limits = limits;
    this.#setMarks();
    this.#note();
  }

  #setMarks(): void {
    const { bytes, records, low, high } = this.#limits;
    this.#highBytes = high * bytes;
    this.#highRecords = high * records;
    this.#lowBytes = low * bytes;
    this.#lowRecords = low * records;
  }

  #note(): void {
    const bytes = this.#bytes;
    const records = this.#records;
    if (bytes > this.peakBytes) this.peakBytes = bytes;
    if (records > this.peakRecords) this.peakRecords = records;
    if (this.#isPaused) {
      if ((bytes <= this.#lowBytes && records <= this.#lowRecords) || records === 0) this.#isPaused = false;
    } else if (bytes >= this.#highBytes || records >= this.#highRecords) this.pause();
  }
}
