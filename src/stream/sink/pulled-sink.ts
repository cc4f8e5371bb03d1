/**
 * A sink from which results are pulled: they wait until they are asked for, and are acknowledged when the next ones
 * are, because only then has the one who asks done with them.
 *
 *   write ─▶ there ─▶ next() ─▶ out ─▶ next() ─▶ acknowledged
 */
import type { Ack, OpenSink, OutputRecord, SinkPosition } from '../contracts.ts';

export abstract class PulledSink<T> implements OpenSink {
  #waiting: PromiseWithResolvers<IteratorResult<T, undefined>> | undefined;
  #over: { readonly error?: unknown } | undefined;

  abstract write(records: readonly OutputRecord[], ack: Ack): Promise<void>;
  /** The next that is there is out from now on; undefined where none is there. */
  protected abstract take(): T | undefined;
  /** What is out was done with. */
  protected abstract acknowledge(): void;
  /** What is there will not be asked for. */
  protected abstract forget(): void;

  /** What comes next; asked again while it waits, one after the other. @throws what the run failed with, once */
  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting) {
      const after = () => this.next();
      return this.#waiting.promise.then(after, after);
    }
    this.acknowledge();
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#over) return this.#end();
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** There is something. */
  protected came(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const value = this.take();
    if (value === undefined) return;
    this.#waiting = undefined;
    waiting.resolve({ done: false, value });
  }

  async flush(): Promise<SinkPosition> {
    return { kind: 'none' };
  }

  async close(): Promise<void> {}

  /** Nothing more comes; what was given before may still be taken where there was no error. The first end counts. */
  end(error?: { readonly error: unknown }): void {
    if (this.#over) return;
    this.#over = error ?? {};
    if (error) this.forget();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) void this.#end().then(waiting.resolve, waiting.reject);
  }

  async #end(): Promise<IteratorResult<T, undefined>> {
    const over = this.#over;
    this.#over = {};
    if (over && 'error' in over) throw over.error;
    return { done: true, value: undefined };
  }
}
