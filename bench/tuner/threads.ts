/**
 * Many runs on as many threads as there are CPUs. Each thread is given the next job when it has done its last, so
 * that slow runs do not wait for each other. A job and what comes of it are plain data.
 *
 *   jobs ── inThreads ──▶ a module that calls `answersJobs` ──▶ what came of each, in the order of the jobs
 */
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { isSandtuneError, messageOf, SandtuneError } from '../../src/foundation/errors.ts';

export interface ThreadsOptions<T> {
  readonly signal?: AbortSignal | undefined;
  /** Called after each job. */
  readonly done?: (one: T) => void;
  /** @defaultValue as many as there are CPUs */
  readonly threads?: number;
}

type Answer =
  | { readonly value: unknown }
  | { readonly error: { readonly message: string; readonly code: SandtuneError['code'] | null } };

/**
 * In the order of the jobs.
 * @param module one that calls `answersJobs`
 * @throws the first error of a job, once all threads have ended
 */
export async function inThreads<T>(
  module: URL,
  jobs: readonly unknown[],
  { signal, done, threads = availableParallelism() }: ThreadsOptions<T> = {},
): Promise<readonly T[]> {
  const values: T[] = [];
  const queue = jobs.map((job, index) => ({ job, index }));
  let failed: { readonly error: unknown } | null = null;
  const workOff = async (): Promise<void> => {
    await using thread = new JobThread<T>(module);
    for (let next = queue.shift(); next && failed === null && !signal?.aborted; next = queue.shift()) {
      const one = await thread.run(next.job);
      values[next.index] = one;
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
  return values;
}

/** In the thread's module: does each job as it is asked for. @param end before the thread ends */
export function answersJobs<Job, T>(run: (job: Job) => Promise<T>, end?: () => Promise<void>): void {
  const answerOf = async (job: Job): Promise<Answer> => {
    try {
      return { value: await run(job) };
    } catch (error) {
      return { error: { message: messageOf(error), code: isSandtuneError(error) ? error.code : null } };
    }
  };
  const close = async () => {
    await end?.();
    parentPort?.close();
  };
  parentPort?.on('message', (told: { readonly job: Job } | 'end') => {
    if (told === 'end') void close();
    else void answerOf(told.job).then((answer) => parentPort?.postMessage(answer));
  });
}

class JobThread<T> implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  #waiting: PromiseWithResolvers<T> | null = null;

  constructor(module: URL) {
    this.#worker = new Worker(module);
    this.#worker.on('message', (answer: Answer) => {
      if ('value' in answer) this.#waiting?.resolve(answer.value as T);
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

  run(job: unknown): Promise<T> {
    this.#waiting = Promise.withResolvers<T>();
    this.#worker.postMessage({ job });
    return this.#waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.postMessage('end');
    await this.#ended;
  }
}

function errorOf({ message, code }: Extract<Answer, { error: unknown }>['error']): Error {
  return code === null ? new Error(message) : new SandtuneError(code, message);
}
