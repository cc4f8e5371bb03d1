/**
 * The noise floor of this machine as a trial would see it: one setting against itself, in
 * interleaved windows of a small load on worker threads, judged as the tuner's a/a trial is.
 */
import { Worker } from 'node:worker_threads';
import { wrap } from '../../../src/adapters/wrap.ts';
import { type Clock, systemTimers } from '../../../src/foundation/clock.ts';
import { messageOf } from '../../../src/foundation/errors.ts';
import { threadFile } from '../../../src/foundation/thread-file.ts';
import { countText } from '../../../src/foundation/units.ts';
import { sweep } from '../../../tuner/sweep.ts';
import { smallestEffect } from '../../../tuner/trial/noise.ts';
import { pairSigma } from '../../../tuner/trial/pair-sigma.ts';
import { noiseText } from '../../words/noise.ts';
import type { Finding } from './finding.ts';

const rounds = 14;
const windowMs = 120;
const inFlightPerThread = 4;
const alpha = 0.01;
/** Above this, the smallest gain worth a trial (5 %) drowns in noise in windows of usual length. */
const loudFraction = 0.15;

/** Takes about four seconds. */
export async function checkNoise(threads: number, clock: Clock): Promise<Finding> {
  const title = 'noise floor';
  try {
    const { sigmaD, perSecond } = await measureNoise(threads, clock);
    const floor = smallestEffect(sigmaD, alpha, rounds);
    const loud = floor > loudFraction;
    return {
      id: 'noise',
      state: loud ? 'poor' : 'good',
      title,
      found: `${noiseText(floor)} over ${rounds} pairs of ${windowMs} ms windows, ${countText(perSecond)} calls/s on ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
      means: loud
        ? 'loud: something else uses these CPUs; trials take many pairs here, and small gains cannot be proven'
        : `a difference below that after as many pairs is noise here; a trial takes more and longer windows until it can tell`,
      data: { floor, sigmaD, rounds, windowMs, threads, perSecond },
    };
  } catch (error) {
    return {
      id: 'noise',
      state: 'broken',
      title,
      found: `could not be measured: ${messageOf(error)}`,
      means: 'worker threads do not run here as they should',
      data: { error: messageOf(error) },
    };
  }
}

async function measureNoise(
  threads: number,
  clock: Clock,
): Promise<{ readonly sigmaD: number; readonly perSecond: number }> {
  const workers = Array.from({ length: threads }, () => new EchoWorker());
  const stop = new AbortController();
  let turn = 0;
  const executor = wrap(async (input: number) => (workers[turn++ % threads] as EchoWorker).call(input), {
    name: 'doctor',
  });
  try {
    const broken = Promise.race(workers.map((worker) => worker.broken));
    const loops = Array.from({ length: threads * inFlightPerThread }, async () => {
      while (!stop.signal.aborted) await executor.run(1);
    });
    const measured = sweep(executor, {
      objective: { metric: 'throughput', direction: 'maximize' },
      points: [{}, {}],
      rounds,
      windowMs,
      surroundings: { clock },
      signal: stop.signal,
    });
    // A sweep's own timers do not keep the process alive, so this sleep does.
    const awake = systemTimers.sleep(60_000, { keepAlive: true, signal: stop.signal }).catch(() => {});
    const result = await Promise.race([measured, broken]);
    stop.abort();
    await Promise.all([...loops, awake]);
    return {
      sigmaD: pairSigma(result.logRatios.map(([, d]) => d ?? 0)),
      perSecond: result.points[0]?.metric.estimate ?? Number.NaN,
    };
  } finally {
    stop.abort();
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

/** A worker that computes for a moment on each message and answers in order. */
class EchoWorker {
  readonly broken: Promise<never>;
  readonly #worker: Worker;
  readonly #waiting: ((value: number) => void)[] = [];

  constructor() {
    this.#worker = new Worker(threadFile('exporters/terminal/doctor/noise-worker'));
    this.#worker.on('message', (value: number) => this.#waiting.shift()?.(value));
    this.broken = new Promise((_, reject) => this.#worker.once('error', reject));
    this.broken.catch(() => {});
  }

  call(input: number): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(input);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
