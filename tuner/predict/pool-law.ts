/**
 * How fast a pool can go: the operational bounds of a main thread, K workers, C CPUs and N calls in
 * flight, as milliseconds between two completions.
 *
 *   host     h(n)                          one main thread dispatches and settles everything
 *   cpu      (h(n) + w(n)) / C             CPU of main thread and workers together
 *   workers  (w(n) + l(n)) / K             a worker runs one batch at a time: its CPU, its wake-up, its waiting
 *   latency  n·(h(n) + w(n) + l(n)) / N    a call cannot be offered again before it is back
 *
 * h, w and l are milliseconds a call at fill n (amortised.ts). Where two bounds are nearly equal both
 * slow the pool down, so the law takes a norm of them in place of the maximum. Batches that need more
 * calls than are in flight cannot fill: above N/(K + 1) calls a batch a worker waits for its batch.
 * How fast that waiting grows is not known, so its exponent is drawn. It is also drawn whether it
 * slows only the workers' bound or, because batches leave half full, every bound.
 *
 * A function without a limit of its own is called with all that is in flight at once, so that no workers bound it. Those
 * whom it asks may: they then do so many calls a second however many wait for them, and what a batch shares, they
 * share. Its windows at one setting look the same whether they do, so that it is drawn:
 *
 *   others   o(n)                          in place of workers and latency: of what is long, waiting in their queue is most
 * @see Denning and Buzen 1978, "The operational analysis of queueing network models", §5 (bounds)
 */
import { amortisedRatio } from './amortised.ts';

/** One draw of everything that windows do not show. Times are ms a call at the setting in force. */
export interface PoolLaw {
  /** Fill at the setting in force. */
  readonly fillNow: number;
  readonly hostMs: number;
  readonly hostRatio: number;
  /** Worker CPU: in the guest, and around it. */
  readonly guestMs: number;
  readonly aroundMs: number;
  readonly aroundRatio: number;
  /** Elapsed in a worker without CPU: guest waiting, and wake-ups. */
  readonly guestWaitMs: number;
  readonly wakeMs: number;
  readonly wakeRatio: number;
  /** Exponent of the waiting for batches to fill, and whether it slows every bound or only the workers'. */
  readonly starvation: number;
  readonly starvesAll: boolean;
  readonly cores: number;
  readonly inFlight: number;
  /** All calls in flight run at once; `ms`: time between two completions of those whom they ask, 0 where these have no limit. */
  readonly others?: { readonly ms: number; readonly ratio: number };
}

export interface PoolPlace {
  readonly width: number;
  /** Calls in a batch, if enough are in flight. */
  readonly fill: number;
  /** The most calls a batch takes, where that is more than it usually holds. */
  readonly batchSize?: number;
  /** Milliseconds a call that the setting saves in the workers (by cache hits); negative where it costs more. */
  readonly savedMs?: number;
}

/** Milliseconds between completions when calls wait for the pool. */
export function gapMs(law: PoolLaw, { width, fill, savedMs = 0 }: PoolPlace): number {
  const n = Math.max(1, Math.min(fill, law.inFlight));
  const host = law.hostMs * amortisedRatio(law.hostRatio, law.fillNow, n);
  const around = law.aroundMs * amortisedRatio(law.aroundRatio, law.fillNow, n);
  const worker = Math.max(0.05 * law.guestMs, law.guestMs - savedMs) + around;
  const wait = law.guestWaitMs + law.wakeMs * amortisedRatio(law.wakeRatio, law.fillNow, n);
  const { others } = law;
  const starved =
    fill > 1 && !others ? Math.max(1, (n * (width + 1)) / Math.max(1, law.inFlight)) ** law.starvation : 1;
  const cpu = (host + worker) / law.cores;
  const limited = others ? others.ms * amortisedRatio(others.ratio, law.fillNow, n) : 0;
  const workers = others ? limited : ((worker + wait) / width) * starved;
  const latency = limited > 0 ? 0 : (n * (host + worker + wait)) / Math.max(1, law.inFlight);
  const top = Math.max(host, cpu, workers, latency);
  if (!(top > 0)) return 0;
  const sum =
    eighthPower(host / top) + eighthPower(cpu / top) + eighthPower(workers / top) + eighthPower(latency / top);
  const smooth = top * sum ** (1 / 8);
  return law.starvesAll ? smooth * starved : smooth;
}

/** Milliseconds for which a call holds its worker, its share of a batch of `fill` calls. */
export function heldMs(law: PoolLaw, { fill, savedMs = 0 }: Omit<PoolPlace, 'width'>): number {
  const n = Math.max(1, fill);
  const guest = Math.max(0.05 * law.guestMs, law.guestMs - savedMs) + law.guestWaitMs;
  const around = law.aroundMs * amortisedRatio(law.aroundRatio, law.fillNow, n);
  return guest + around + law.wakeMs * amortisedRatio(law.wakeRatio, law.fillNow, n);
}

/** The power of the norm: where two bounds are equal, the pool is 9 % slower than either. */
function eighthPower(x: number): number {
  const fourth = x * x * x * x;
  return fourth * fourth;
}

/** CPU of a call, main thread and worker, ms. */
export function cpuPerCallMs(law: PoolLaw, { fill, savedMs = 0 }: PoolPlace): number {
  const n = Math.max(1, Math.min(fill, law.inFlight));
  return (
    law.hostMs * amortisedRatio(law.hostRatio, law.fillNow, n) +
    law.aroundMs * amortisedRatio(law.aroundRatio, law.fillNow, n) +
    Math.max(0.05 * law.guestMs, law.guestMs - savedMs)
  );
}
