/**
 * A run whose results are pulled by an iterator: it begins with the first `next()` and reads nothing before.
 *
 * | the iterator      | the run                                          | what is asked for then         |
 * |-------------------|--------------------------------------------------|--------------------------------|
 * | `return()`        | ends, leaves the source, calls nothing more      | done                           |
 * | its signal aborts | the same                                         | rejects with the reason, once  |
 * | waits             | has completed                                    | done                           |
 * | waits             | has failed                                       | rejects with the error, once   |
 */
import { SandtuneError } from '../foundation/errors.ts';
import type { Sink } from './contracts.ts';
import { Stop } from './flow/stop.ts';
import type { PulledSink } from './sink/pulled-sink.ts';

export interface PulledParts<T> {
  /** For messages. */
  readonly name: string;
  readonly sink: PulledSink<T>;
  readonly run: (sink: Sink, stop: Stop) => Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

export function pulledResults<T>({
  name,
  sink,
  run,
  signal,
}: PulledParts<T>): AsyncIterableIterator<T, undefined, undefined> {
  const stop = new Stop();
  let running: Promise<void> | undefined;
  const begin = () => {
    const abort = () => stop.stop(signal?.reason);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    const opened: Sink = { name, undoes: 'none', open: async () => sink };
    return run(opened, stop)
      .then(
        () => sink.end(),
        (error: unknown) => sink.end({ error }),
      )
      .finally(() => signal?.removeEventListener('abort', abort));
  };
  return {
    next() {
      running ??= begin();
      return sink.next();
    },
    async return() {
      stop.stop(new SandtuneError('ERR_SANDTUNE_CLOSED', `${name}: its results were left before their end`));
      // Who still waits for one gets none, and no error: it was left.
      sink.end();
      running ??= Promise.resolve();
      await running;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
