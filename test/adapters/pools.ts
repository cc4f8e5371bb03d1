/** Real piscina pools for these tests, and ways to see what they really do. */
import { Piscina } from 'piscina';
import { onTestFinished } from 'vitest';
import type { Executor, Knob, SettingValue } from '../../src/contracts.ts';
import type { PoolInput, PoolOutput } from './pool-worker.ts';

export const workerFile = new URL('./pool-worker.ts', import.meta.url).href;

type Options = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

export function buildPool(options: Options = {}): Piscina<PoolInput, PoolOutput> {
  return new Piscina<PoolInput, PoolOutput>({ filename: workerFile, minThreads: 1, maxThreads: 2, ...options });
}

/** One that is destroyed when the test that builds it has finished. */
export function poolOfTest(options?: Options): Piscina<PoolInput, PoolOutput> {
  const built = buildPool(options);
  onTestFinished(() => built.destroy());
  return built;
}

export function knobOf(executor: Executor<never, unknown>, id: string): Knob {
  const knob = executor.knobs.find((one) => one.id === id);
  if (!knob) throw new Error(`expected a knob '${id}', got ${executor.knobs.map((one) => one.id).join(', ')}`);
  return knob;
}

export function apply(executor: Executor<never, unknown>, id: string, value: SettingValue): Promise<void> {
  return (knobOf(executor, id) as Knob<SettingValue>).apply(value);
}

/** How many of `calls` calls ran at the same time at most. */
export async function concurrencyOf(executor: Executor<PoolInput, PoolOutput>, calls = 24, napMs = 4): Promise<number> {
  const shared = new SharedArrayBuffer(8);
  await Promise.all(Array.from({ length: calls }, () => executor.run({ napMs, shared })));
  return new Int32Array(shared)[1] as number;
}

/**
 * Resolves once `expected` calls run at the same time (workers may still be starting).
 * @throws when it is ever more
 */
export async function reachesConcurrency(executor: Executor<PoolInput, PoolOutput>, expected: number): Promise<void> {
  for (;;) {
    const most = await concurrencyOf(executor);
    if (most > expected) throw new Error(`expected at most ${expected} calls at once, got ${most}`);
    if (most === expected) return;
  }
}

/** How busy the workers were while one call after the other ran. */
export async function busyFractionOf(executor: Executor<PoolInput, PoolOutput>): Promise<number> {
  using window = executor.openWindow();
  for (let call = 0; call < 10; call++) await executor.run({ napMs: 20 });
  return window.cut().work.busyFraction;
}

/** Resolves once `seen()`; a test that waits in vain fails by its own time limit. */
export async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Changes of configuration so far. */
export function epochOf(executor: Pick<Executor, 'openWindow'>): number {
  using window = executor.openWindow();
  return window.cut().epoch;
}

/** offered = the sum of outcomes + in flight. */
export function accountOf(executor: {
  totals(): { offered: number; outcomes: Readonly<Record<string, number>>; inFlight: number };
}) {
  const { offered, outcomes, inFlight } = executor.totals();
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { offered, settled, inFlight, outcomes };
}
