/**
 * Many laps on as many threads as there are CPUs. Each thread is given the next one when it has done its last,
 * so that slow worlds do not wait for each other.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SandtuneError } from '../../src/foundation/errors.ts';
import type { Lap } from './lap.ts';

/** Plain data. */
export interface LapJob {
  /** A name of the catalogue, or a file. */
  readonly world: string;
  readonly seed: number;
  readonly forMs: number;
  /** Names of the peers that run beside ours. */
  readonly rules: readonly string[];
  /** One that has Optuna; null: there is none. */
  readonly python: string | null;
}

export type LapAnswer =
  | { readonly lap: Lap }
  | { readonly error: { readonly message: string; readonly code: SandtuneError['code'] | null } };

export interface LapsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each lap. */
  readonly done?: (lap: Lap) => void;
  /** @defaultValue as many as there are CPUs */
  readonly threads?: number;
}

/** In the order of the jobs. @throws the first error of a lap, once all threads have ended */
export async function runLaps(
  jobs: readonly LapJob[],
  { signal, done, threads = availableParallelism() }: LapsOptions = {},
): Promise<readonly Lap[]> {
  const laps: Lap[] = [];
  const queue = jobs.map((job, index) => ({ job, index }));
  let failed: { readonly error: unknown } | null = null;
  const workOff = async (): Promise<void> => {
    await using thread = new LapThread();
    for (let next = queue.shift(); next && failed === null && !signal?.aborted; next = queue.shift()) {
      const one = await thread.run(next.job);
      laps[next.index] = one;
      done?.(one);
    }
  };
  await Promise.all(
    Array.from({ length: Math.max(1, Math.min(threads, jobs.length)) }, () =>
      workOff().catch((error: unknown) => {
        failed ??= { error };
      }),
    ),
  );
  signal?.throwIfAborted();
  // Without this, TypeScript takes it for what it was when the function began.
  const failure = failed as { readonly error: unknown } | null;
  if (failure) throw failure.error;
  return laps;
}

class LapThread implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./lap-worker.ts', import.meta.url));
  readonly #ended: Promise<unknown>;
  #waiting: PromiseWithResolvers<Lap> | null = null;

  constructor() {
    this.#worker.on('message', (answer: LapAnswer) => {
      if ('lap' in answer) this.#waiting?.resolve(answer.lap);
      else this.#waiting?.reject(errorOf(answer.error));
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('error', (error) => this.#waiting?.reject(error));
      this.#worker.once('exit', (code) => {
        this.#waiting?.reject(new Error(`a thread of the bench ended with ${code}`));
        resolve(code);
      });
    });
  }

  run(job: LapJob): Promise<Lap> {
    this.#waiting = Promise.withResolvers<Lap>();
    this.#worker.postMessage(job);
    return this.#waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.postMessage('end');
    await this.#ended;
  }
}

function errorOf({ message, code }: Extract<LapAnswer, { error: unknown }>['error']): Error {
  return code === null ? new Error(message) : new SandtuneError(code, message);
}
