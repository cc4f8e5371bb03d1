/**
 * Ends the worker of a call without ending the process. A call may be aborted while piscina hands out the answers
 * of its worker, as it is where the caller waited for the answer before it. piscina then ends the worker and goes on
 * to read: the answer that the aborted call had by then is one that it does not expect, and it tells of it by an
 * `error` event, which in a program that does not listen is an error that nobody catches.
 *
 *   end() ──▶ workers that are gone from the pool ──▶ one listener, until the last of them has exited
 *
 * A program that listens itself gets the event as ever, and any other error ends what it would have ended.
 */
import { types } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { processWide } from '../../foundation/process-wide.ts';
import { afterTurn } from '../../foundation/turns.ts';
import type { PiscinaPool } from './piscina-shape.ts';

type ErrorPool = Pick<PiscinaPool, 'options' | 'threads' | 'on' | 'off' | 'listenerCount'>;

const ofPools = processWide('late-answers', () => new WeakMap<object, LateAnswers>());

/** @param end ends workers of the pool, before it returns */
export function endQuietly<T>(pool: ErrorPool, end: () => T): T {
  const before = pool.threads;
  const ended = end();
  const left = new Set(pool.threads);
  for (const worker of before) if (!left.has(worker)) lateAnswersOf(pool).hearUntilExit(worker as unknown as Worker);
  return ended;
}

function lateAnswersOf(pool: ErrorPool): LateAnswers {
  const known = ofPools.get(pool.options) ?? new LateAnswers(pool);
  ofPools.set(pool.options, known);
  return known;
}

class LateAnswers {
  readonly #pool: ErrorPool;
  /** Workers that have not exited. */
  #ending = 0;

  constructor(pool: ErrorPool) {
    this.#pool = pool;
  }

  hearUntilExit(worker: Worker): void {
    if (this.#ending === 0) this.#pool.on('error', this.#heard);
    this.#ending++;
    // What a worker has sent may be read in the turn in which its exit is told.
    worker.once('exit', () => afterTurn(this.#exited));
  }

  readonly #exited = (): void => {
    this.#ending--;
    if (this.#ending === 0) this.#pool.off('error', this.#heard);
  };

  /** What an emitter does with an error that nobody listens to is to throw it. */
  readonly #heard = (error: unknown): void => {
    if (!isLateAnswer(error) && this.#pool.listenerCount('error') === 1) throw error;
  };
}

/** By its text: the error has no code. */
function isLateAnswer(error: unknown): boolean {
  return types.isNativeError(error) && error.message.startsWith('Unexpected message from Worker: ');
}
