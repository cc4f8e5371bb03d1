/**
 * A piscina pool we build, from the same options, behind Executor and Knob. It behaves as the user's
 * own would; because the load balancer is ours, `threads` and `tasksPerThread` are live in both
 * directions with no gate.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Knob } from '../contracts.ts';
import { expected } from '../foundation/options.ts';
import { FirstThreadsBalancer } from './first-threads-balancer.ts';
import { change, concurrencyKnob } from './function-knobs.ts';
import { numberKnob } from './number-knob.ts';
import { OwnedThreads } from './owned-threads.ts';
import { idleTimeoutKnobs, threadsPatch } from './pool-knobs.ts';
import { resolveWrapPoolOptions, type WrapPoolOptions } from './wrap-options.ts';
import { adaptPool, nameOfPool, type PoolControls, type PoolKnobs, type WrappedPool } from './wrap-pool.ts';

/** piscina's options, without the load balancer, which is ours. */
export type PiscinaOptions = Omit<NonNullable<ConstructorParameters<typeof Piscina>[0]>, 'loadBalancer'>;

/**
 * Builds a pool and wraps it.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; TypeError or RangeError of piscina for its own options
 */
export function wrapPiscina<I = unknown, O = unknown>(
  piscina: PiscinaOptions,
  options: WrapPoolOptions = {},
): WrappedPool<I, O> {
  if (typeof piscina !== 'object' || piscina === null) throw expected('piscina', "piscina's options", piscina);
  if ('loadBalancer' in piscina)
    throw expected('piscina.loadBalancer', 'none (it is what makes threads tunable)', 'one');
  const balancer = new FirstThreadsBalancer(Number.POSITIVE_INFINITY, piscina.concurrentTasksPerWorker ?? 1);
  const pool = new Piscina<I, O>({
    ...piscina,
    loadBalancer: (task, workers) => balancer.choose((task as { isAbortable?: boolean }).isAbortable === true, workers),
  });
  const threads = Math.ceil(pool.options.maxThreads);
  balancer.threads = threads;
  const resolved = resolveOrDestroy(pool, options, threads);
  const owned = new OwnedThreads(pool, balancer);
  const makeKnobs = (controls: PoolControls): PoolKnobs => {
    controls.onIdleMoment(() => owned.retire());
    if (resolved.concurrency) controls.gate.limit = resolved.concurrency.value;
    const knobs = [
      threadsKnob(owned, resolved.maxThreads, controls),
      callsPerThreadKnob(balancer, controls),
      ...idleTimeoutKnobs(pool, controls),
      ...(resolved.concurrency ? [concurrencyKnob(controls.gate, resolved.concurrency, controls)] : []),
    ];
    return { knobs, threadsInUse: () => owned.threads };
  };
  return adaptPool({ pool, options: resolved, makeKnobs });
}

/** piscina's defaults are known only once there is a pool; refused options must not leave it behind. */
function resolveOrDestroy(pool: Pick<Piscina, 'options' | 'destroy'>, options: WrapPoolOptions, threads: number) {
  try {
    return resolveWrapPoolOptions(options, nameOfPool(pool.options.filename), threads, availableParallelism());
  } catch (error) {
    void pool.destroy();
    throw error;
  }
}

function threadsKnob(owned: OwnedThreads, most: number, controls: PoolControls): Knob {
  const { configured } = owned;
  return numberKnob(
    {
      spec: {
        id: 'threads',
        unit: 'threads',
        domain: { min: 1, max: most, scale: 'linear', integer: true },
        interference: 'executor',
        moves: { up: 'live', down: 'live' },
        cost: 'per-unit',
        defaultValue: configured.max,
        source: 'wrap({ piscina: { maxThreads } })',
      },
      read: () => owned.threads,
      set: (value) => owned.use(value),
      hold: (a, b) => owned.hold(Math.max(a, b)),
      patch: (value) => threadsPatch(configured, value),
    },
    controls,
  );
}

/** Calls posted to one worker ahead of its answers: hides the wake-up between short calls. */
function callsPerThreadKnob(balancer: FirstThreadsBalancer, controls: PoolControls): Knob {
  const configured = balancer.callsPerThread;
  return numberKnob(
    {
      spec: {
        id: 'tasksPerThread',
        unit: 'calls',
        domain: { min: 1, max: Math.max(16, configured), scale: 'log', integer: true },
        interference: 'executor',
        moves: { up: 'live', down: 'live' },
        defaultValue: configured,
        source: 'wrap({ piscina: { concurrentTasksPerWorker } })',
      },
      read: () => balancer.callsPerThread,
      set: (value) => {
        balancer.callsPerThread = value;
      },
      patch: (value) => change('concurrentTasksPerWorker', configured, value),
    },
    controls,
  );
}
