/** A pool and a sandbox that random faults are played on, made in any way that a program may make them. */
import type { Worker } from 'node:worker_threads';
import wabtInit from 'wabt';
import { wrap } from '../../../src/adapters/wrap.ts';
import type { MeasuredExecutor } from '../../../src/executor/measured-executor.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import type { Copy } from './copies.ts';
import type { Fated } from './fault-worker.ts';
import { fates, mostCalls, type Subject } from './random-faults.ts';

export function faultedPool({ Piscina, major }: Copy, random: RandomSource): Subject {
  const oneOf = <T>(...values: readonly T[]): T => values[Math.floor(values.length * random())] as T;
  const options = {
    filename: new URL('./fault-worker.ts', import.meta.url).href,
    minThreads: oneOf(0, 1),
    maxThreads: oneOf(1, 2, 3),
    concurrentTasksPerWorker: oneOf(1, 1, 2, 4),
    maxQueue: oneOf<number | string>(0, 5, 'auto', Number.POSITIVE_INFINITY),
    idleTimeout: oneOf(0, 5, 1000, Number.POSITIVE_INFINITY),
    recordTiming: oneOf(true, false),
    ...(major > 4 ? { atomics: oneOf('sync', 'async', 'disabled') } : { useAtomics: oneOf(true, false) }),
  };
  const pool = new Piscina(options);
  // piscina tells of a worker that died without a call in this way, and ends a process that does not hear it.
  pool.on('error', () => {});
  const made = oneOf({}, { concurrency: { value: 2, max: 6 } });
  const executor = wrap<unknown, unknown>(pool, { maxThreads: 5, ...made });
  const runs = new SharedArrayBuffer(4 * mostCalls);
  const begun = new Int32Array(runs);
  return {
    executor: executor as MeasuredExecutor<never, unknown>,
    fates,
    run: (fate, call, given) =>
      executor.run(
        (fate === 'cannot be sent' ? () => call : { fate, call, runs }) satisfies Fated | (() => number),
        given,
      ),
    runsOf: (call) => begun[call] ?? null,
    workers: () => pool.threads,
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

export async function faultedSandbox(random: RandomSource): Promise<Subject> {
  const wabt = await wabtInit();
  const module = wabt.parseWat('faults.wat', guest).toBinary({}).buffer;
  const workers = new Set<Worker>();
  const note = (worker: Worker) => {
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  };
  process.on('worker', note);
  const sandbox = await createSandbox({
    guests: { faults: { module } },
    threads: 1 + Math.floor(2 * random()),
    maxThreads: 4,
    batchSize: 1 + Math.floor(4 * random()),
    maxQueue: random() < 0.5 ? 20 : Number.POSITIVE_INFINITY,
    deadlineMs: 200,
  });
  return {
    executor: sandbox as MeasuredExecutor<never, unknown>,
    fates: ['value', 'slow', 'throws', 'endless', 'cannot be sent'],
    run: (fate, call, options) =>
      sandbox.run(
        { function: nameOf[fate as keyof typeof nameOf], args: fate === 'cannot be sent' ? [{}] : [call] },
        options,
      ),
    runsOf: () => null,
    workers: () => [...workers],
    async [Symbol.asyncDispose]() {
      process.off('worker', note);
      await sandbox.close({ withinMs: 0 });
    },
  };
}

const nameOf = { value: 'value', slow: 'slow', throws: 'fail', endless: 'endless', 'cannot be sent': 'value' } as const;

const guest = `(module
  (func (export "value") (param $call i32) (result i32) local.get $call)
  (func (export "slow") (param $call i32) (result i32) (local $rounds i32)
    (local.set $rounds (i32.const 1000000))
    (loop $again (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    local.get $call)
  (func (export "fail") (param $call i32) (result i32) unreachable)
  (func (export "endless") (param $call i32) (result i32) (loop $again (br $again)) unreachable))`;
