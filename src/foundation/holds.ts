/** Values that must stay affordable, as many as there are trials that hold them. */
export class Holds {
  readonly #values: number[] = [];

  /** Holds `value` until the returned function is called, once. */
  add(value: number): () => void {
    this.#values.push(value);
    return () => void this.#values.splice(this.#values.indexOf(value), 1);
  }

  /** The largest of `value` and what is held. */
  atLeast(value: number): number {
    return Math.max(value, ...this.#values);
  }
}
