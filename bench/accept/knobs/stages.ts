/**
 * The executors that misbehaviours are laid over: each a real one under load, with a knob to misbehave
 * with, one that has to go back beside it, and a setting that moves both.
 */
import { Piscina } from 'piscina';
import type { Executor, Settings } from '../../../src/contracts.ts';
import { createSandbox, measured, wrap } from '../../../src/index.ts';
import { guestBytes } from '../../core/guest.ts';

export interface Stage extends AsyncDisposable {
  readonly executor: Executor;
  /** The knob that misbehaves. */
  readonly victim: string;
  readonly candidate: Settings;
}

export const stages = {
  sandbox: async () => {
    const sandbox = await createSandbox({
      guests: { guest: { module: await bytes() } },
      threads: 1,
      batchSize: 4,
      batchLingerMs: 1,
    });
    const candidate = { batchSize: 8, batchLingerMs: 2 };
    return under(sandbox, () => sandbox.run({ function: 'work', args: [turns] }), 'batchSize', candidate);
  },
  piscina: async () => {
    const pool = new Piscina({
      filename: workerFile,
      name: 'one',
      maxThreads: 1,
      workerData: { bytes: await bytes() },
    });
    const wrapped = wrap<number, number>(pool, { concurrency: 4 });
    return under(wrapped, () => wrapped.run(turns), 'concurrency', { concurrency: 8, idleTimeoutMs: 1000 });
  },
  function: async () => {
    const executor = measured({
      name: 'function',
      knobs: {
        size: { domain: [4, 8, 16], value: 4, set: () => Promise.resolve() },
        level: { domain: ['low', 'high'], value: 'low' },
      },
      run: async (n: number) => {
        await new Promise((resolve) => setImmediate(resolve));
        return n;
      },
    });
    return under(executor, () => executor.run(1), 'size', { size: 8, level: 'high' });
  },
} as const satisfies Readonly<Record<string, () => Promise<Stage>>>;

const workerFile = new URL('../../core/peer-worker.ts', import.meta.url).href;
/** About ten microseconds of work. */
const turns = 10_000;
const inFlight = 4;

let known: Promise<Uint8Array<ArrayBuffer>> | undefined;
function bytes(): Promise<Uint8Array<ArrayBuffer>> {
  return (known ??= guestBytes());
}

/** A closed loop of calls until it is disposed, or until the executor refuses them. */
function under(executor: Executor, call: () => Promise<unknown>, victim: string, candidate: Settings): Stage {
  let isOver = false;
  const loop = async () => {
    while (!isOver) {
      // Most of these calls take less than a turn of the event loop, and windows have to be able to end.
      await Promise.all([call(), new Promise((resolve) => setImmediate(resolve))]);
    }
  };
  const loops = Array.from({ length: inFlight }, () => loop().catch(() => undefined));
  return {
    executor,
    victim,
    candidate,
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await Promise.all(loops);
      await executor.close();
    },
  };
}
