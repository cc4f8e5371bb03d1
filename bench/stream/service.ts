/**
 * Services in virtual time for the controller of a stream: a call of n records costs a + b · n ms, by chance a little
 * more or less, on K servers that are one of two kinds.
 *
 *   waits  calls beyond K stand in line, and take nothing from those that are served
 *   cpu    calls beyond K share K CPUs, and each makes all of them a little slower
 */
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { gaussian, type RandomSource } from '../../src/foundation/random.ts';

export interface CallCost {
  /** The same for every call. */
  readonly fixedMs: number;
  readonly perRecordMs: number;
}

export interface ServiceKind {
  readonly servers: number;
  readonly kind: 'waits' | 'cpu';
  readonly cost: CallCost;
  /** Standard deviation of the logarithm of what a call costs. */
  readonly spread: number;
}

/** What each CPU loses for each call more than there are CPUs. */
const lossPerCall = 0.02;

export interface Service {
  /** What calls that begin from now on cost. */
  cost: CallCost;
  /** Resolves when the call has been served. */
  call(records: number): Promise<void>;
}

interface Surrounded {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
}

export function service({ servers, kind, cost, spread }: ServiceKind, { clock, timers, random }: Surrounded): Service {
  const serve = kind === 'waits' ? inLine(servers, clock, timers) : shared(servers, clock, timers);
  return {
    cost,
    call(records) {
      const { fixedMs, perRecordMs } = this.cost;
      return serve((fixedMs + perRecordMs * records) * Math.exp(spread * gaussian(random) - spread ** 2 / 2));
    },
  };
}

function inLine(servers: number, clock: Clock, timers: Timers): (ms: number) => Promise<void> {
  const freeAtMs = Array.from({ length: servers }, () => 0);
  return (ms) => {
    const next = freeAtMs.indexOf(Math.min(...freeAtMs));
    const nowMs = clock.now();
    freeAtMs[next] = Math.max(nowMs, freeAtMs[next] as number) + ms;
    return timers.sleep((freeAtMs[next] as number) - nowMs);
  };
}

/** Each call of m gets min(1, K / m) of a CPU: who is done next is reckoned anew whenever one comes or goes. */
function shared(servers: number, clock: Clock, timers: Timers): (ms: number) => Promise<void> {
  const calls = new Set<{ leftMs: number; readonly done: () => void }>();
  let sinceMs = 0;
  let turn = 0;
  const speed = () => Math.min(1, servers / calls.size) / (1 + lossPerCall * Math.max(0, calls.size - servers));
  const advance = () => {
    const served = (clock.now() - sinceMs) * speed();
    for (const call of calls) call.leftMs -= served;
    sinceMs = clock.now();
  };
  const next = async (): Promise<void> => {
    const own = ++turn;
    if (calls.size === 0) return;
    const [first] = [...calls].toSorted((a, b) => a.leftMs - b.leftMs);
    if (!first) return;
    await timers.sleep(Math.max(0, first.leftMs) / speed());
    if (own !== turn) return;
    advance();
    calls.delete(first);
    first.done();
    await next();
  };
  return (ms) => {
    if (calls.size > 0) advance();
    sinceMs = clock.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    calls.add({ leftMs: ms, done: resolve });
    void next();
    return promise;
  };
}
