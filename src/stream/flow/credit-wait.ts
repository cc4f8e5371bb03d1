/** Where those wait who need credits: all are woken when some came back, and each looks again. */
export class CreditWait {
  #next: PromiseWithResolvers<void> | undefined;

  wait(): Promise<void> {
    this.#next ??= Promise.withResolvers<void>();
    return this.#next.promise;
  }

  /** O(1) where nobody waits. */
  open(): void {
    const next = this.#next;
    this.#next = undefined;
    next?.resolve();
  }
}
