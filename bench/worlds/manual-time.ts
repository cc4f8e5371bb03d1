/**
 * Time that passes only when everybody sleeps: a clock and timers for whole runs in no time. Given a
 * world it is that world's time: it begins at 0, and the world advances from timer to timer.
 */
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { usableCpus } from '../../src/foundation/cpus.ts';
import type { Surroundings } from '../../src/foundation/surroundings.ts';
import type { World } from './world.ts';

export interface ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Both, with no variables: what a tuner or an executor takes. */
  readonly surroundings: Surroundings;
  advance(ms: number): void;
  /** Steps the Unix time, as an operator or NTP does. No time passes. */
  step(ms: number): void;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Whoever is due first wakes first, each after a turn of the event loop, so that whoever watches can speak up between. */
export function manualTime(world?: Pick<World, 'advance' | 'cpus'>): ManualTime {
  let nowMs = 0;
  let timeOrigin = 1_700_000_000_000;
  let ticking = false;
  const sleepers = new Set<Sleeper>();

  const advance = (ms: number) => {
    if (!(ms > 0)) return;
    nowMs += ms;
    world?.advance(ms);
  };
  const tick = () => {
    ticking = false;
    const [first] = [...sleepers].sort((a, b) => a.dueMs - b.dueMs);
    if (!first) return;
    sleepers.delete(first);
    advance(first.dueMs - nowMs);
    first.wake();
    schedule();
  };
  const schedule = () => {
    if (ticking || sleepers.size === 0) return;
    ticking = true;
    setImmediate(tick);
  };

  const clock: Clock = {
    now: () => nowMs,
    get timeOrigin() {
      return timeOrigin;
    },
  };
  const step = (ms: number) => {
    timeOrigin += ms;
  };
  const timers: Timers = {
    sleep(ms, { signal } = {}) {
      return new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        const wake = () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const sleeper: Sleeper = { dueMs: nowMs + ms, wake };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        schedule();
      });
    },
  };
  const cpus = world?.cpus?.bind(world) ?? cpusOfThisMachine();
  return { clock, timers, surroundings: { clock, timers, environment: {}, cpus }, advance, step };
}

/** They are read once: a run asks for them at every window, and a day of a world is over in seconds of the machine. */
function cpusOfThisMachine(): () => number {
  const { count } = usableCpus();
  return () => count;
}
