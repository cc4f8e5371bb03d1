/**
 * What outlives the cells: processors, their executors and their time, as a program has them. A run that is over must
 * not be held by any of them.
 */
import { measured, type Surroundings } from '../../../src/index.ts';
import { createStreamProcessor, type OnFailed, type StreamProcessor } from '../../../src/stream/index.ts';
import { manualTime } from '../../worlds/manual-time.ts';
import type { Scene } from './scene.ts';

export type Policy = 'fail' | 'retry' | 'dead-letter';

export const longestBytes = 64;
export const mostRecords = 4;

const onFailed: Readonly<Record<Policy, OnFailed>> = {
  fail: 'fail',
  retry: { retries: 1, backoffMs: 60_000, maxBackoffMs: 60_000 },
  'dead-letter': 'dead-letter',
};

export class Stage {
  /** Whose calls are answered now. */
  scene: Scene | undefined;
  readonly #processors: Readonly<Record<Policy, StreamProcessor>>;

  constructor() {
    const time: Surroundings = manualTime().surroundings;
    // Nothing of the executor's own may wait on a clock that only moves while somebody sleeps.
    const executor = measured({
      name: `edges-${made++}`,
      run: (bytes: Uint8Array) => (this.scene as Scene).call(bytes),
    });
    const processorOf = (policy: Policy) =>
      createStreamProcessor(executor, {
        bufferRecords: mostRecords,
        maxConcurrency: 8,
        maxRecordBytes: longestBytes,
        onFailed: onFailed[policy],
        ...(policy === 'dead-letter' && { deadLetters: () => this.scene?.letter() }),
        surroundings: { ...(time.clock && { clock: time.clock }), ...(time.timers && { timers: time.timers }) },
      });
    this.#processors = {
      fail: processorOf('fail'),
      retry: processorOf('retry'),
      'dead-letter': processorOf('dead-letter'),
    };
  }

  processor(policy: Policy): StreamProcessor {
    return this.#processors[policy];
  }
}

let made = 0;

/** Turns of the event loop after which whatever can happen without a gate has happened; a second passes in some. */
const enough = 400;

/** @returns false where it did not become so */
export async function until(isSo: () => boolean): Promise<boolean> {
  for (let turns = 0; turns < enough; turns++) {
    if (isSo()) return true;
    await nextTurn();
  }
  return isSo();
}

export async function quiet(turns = 30): Promise<void> {
  for (let i = 0; i < turns; i++) await nextTurn();
}

/** Whatever can happen now happens before it resolves. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
