/**
 * The knobs of a piscina pool the user built: `idleTimeoutMs`, `threads`, and `concurrency` where
 * asked for. Until one is moved, the pool is as the user configured it and the gate stands open.
 */
import type { Knob } from '../contracts.ts';
import { Holds } from '../foundation/holds.ts';
import { change, concurrencyKnob } from './function-knobs.ts';
import { numberKnob } from './number-knob.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import { ReadyThreads } from './ready-threads.ts';
import type { ResolvedBounds } from './wrap-options.ts';
import type { PoolControls, PoolKnobs } from './wrap-pool.ts';

const idleTimeoutsMs = [0, 100, 1000, 10_000, 60_000];

/**
 * How long a worker above `minThreads` lives without work; piscina reads it whenever a worker falls
 * idle. An infinite one gets no knob: its workers never die, so there is nothing to gain.
 */
export function idleTimeoutKnobs(pool: PiscinaPool, controls: PoolControls): readonly Knob[] {
  const { options } = pool;
  const configured = options.idleTimeout;
  if (configured === Number.POSITIVE_INFINITY) return [];
  const domain = [...new Set([...idleTimeoutsMs, configured])].sort((a, b) => a - b);
  return [
    numberKnob(
      {
        spec: {
          id: 'idleTimeoutMs',
          unit: 'ms',
          domain,
          interference: 'executor',
          moves: { up: 'live', down: 'live' },
          defaultValue: configured,
          source: configured === 0 ? "piscina's default (idleTimeout)" : 'new Piscina({ idleTimeout })',
        },
        read: () => options.idleTimeout,
        set: (value) => {
          options.idleTimeout = value;
        },
        patch: (value) => change('idleTimeout', configured, value),
      },
      controls,
    ),
  ];
}

/**
 * Threads that may work at once. Up: piscina starts more as soon as calls wait. Down: it would not
 * stop any under load, so a gate lets no more calls in than that many threads take.
 */
export function threadsKnobs(
  pool: PiscinaPool,
  most: number,
  concurrency: ResolvedBounds | undefined,
  controls: PoolControls,
): PoolKnobs {
  const { options } = pool;
  const configured = { min: options.minThreads, max: Math.ceil(options.maxThreads) };
  const perWorker = options.concurrentTasksPerWorker;
  // Two reasons to shut the gate; the narrower one holds.
  const gates = { concurrency: concurrency?.value ?? Number.POSITIVE_INFINITY };
  let threads = configured.max;
  let mostEver = threads;
  const holds = new Holds();
  const ready = new ReadyThreads(pool);
  const settle = () => {
    options.maxThreads = holds.atLeast(threads);
    options.minThreads = holds.atLeast(Math.min(configured.min, threads));
    mostEver = Math.max(mostEver, options.maxThreads);
    controls.gate.limit = Math.min(
      gates.concurrency,
      threads < mostEver ? threads * perWorker : Number.POSITIVE_INFINITY,
    );
  };
  controls.gate.limit = gates.concurrency;
  const threadsInUse = () => {
    const allowed = Math.max(1, Math.ceil(options.maxThreads));
    return controls.gate.limit < Number.POSITIVE_INFINITY ? Math.min(threads, allowed) : allowed;
  };
  const knob = numberKnob(
    {
      spec: {
        id: 'threads',
        unit: 'threads',
        domain: { min: 1, max: most, scale: 'linear', integer: true },
        interference: 'executor',
        moves: { up: 'live', down: 'gate' },
        cost: 'per-unit',
        defaultValue: configured.max,
        source: 'new Piscina({ maxThreads })',
      },
      read: threadsInUse,
      set: (value) => {
        threads = value;
        settle();
      },
      hold: async (a, b) => {
        const most = Math.max(a, b);
        const release = holds.add(most);
        settle();
        const letGo = () => {
          release();
          settle();
        };
        await ready.start(most).catch((error) => {
          letGo();
          throw error;
        });
        return letGo;
      },
      patch: (value) => threadsPatch(configured, value),
    },
    controls,
  );
  if (!concurrency) return { knobs: [knob], threadsInUse };
  const gate = {
    get limit() {
      return gates.concurrency;
    },
    set limit(value: number) {
      gates.concurrency = value;
      settle();
    },
  };
  return { knobs: [knob, concurrencyKnob(gate, concurrency, controls)], threadsInUse };
}

/** piscina refuses minThreads above maxThreads: where the new limit is below, both change. */
export function threadsPatch(configured: { readonly min: number; readonly max: number }, value: number) {
  if (value >= configured.min) return change('maxThreads', configured.max, value);
  return {
    before: `minThreads: ${configured.min}, maxThreads: ${configured.max}`,
    after: `minThreads: ${value}, maxThreads: ${value}`,
  };
}
