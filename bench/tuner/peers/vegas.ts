/**
 * Vegas: the queue is estimated from the round-trip time over the least that was seen; the limit grows while the
 * queue is short, and shrinks while it is long.
 * @see Netflix, concurrency-limits, VegasLimit under WindowedLimit at their defaults (alpha 3·log₁₀, beta 6·log₁₀,
 *   threshold log₁₀, smoothing 1, probeMultiplier 30); Brakmo, Peterson, "TCP Vegas" (1995). The limit begins
 *   where the service does
 */
import type { Peer, Service, Steps } from '../peer.ts';
import { type Limit, leastSamples, limitOf, sampleOf, windowedMs } from './limit.ts';

const probeMultiplier = 30;
const log10 = (limit: number) => Math.max(1, Math.floor(Math.log10(limit)));

export const vegas: Peer = {
  name: 'vegas',
  about: 'a limiter by the queue that round-trip times tell of',
  rule: (service) => {
    const limit = limitOf(service);
    return limit && rule(limit, service);
  },
};

function* rule({ min, max, start, settings }: Limit, { random }: Service): Steps {
  let now = start;
  let leastMs = 0;
  let sinceProbe = 0;
  let jitter = 0.5 + 0.5 * random();
  for (;;) {
    const limit = Math.max(1, Math.floor(now));
    const { count, rttMs, inFlight, dropped } = sampleOf(yield { settings: settings(now), forMs: windowedMs }, limit);
    if (count < leastSamples || !(rttMs > 0)) continue;
    sinceProbe++;
    if (jitter * probeMultiplier * now <= sinceProbe) {
      jitter = 0.5 + 0.5 * random();
      sinceProbe = 0;
      leastMs = rttMs;
      continue;
    }
    if (leastMs === 0 || rttMs < leastMs) {
      leastMs = rttMs;
      continue;
    }
    now = Math.max(min, Math.min(max, next(now, Math.ceil(now * (1 - leastMs / rttMs)), { inFlight, dropped })));
  }
}

function next(limit: number, queue: number, { inFlight, dropped }: { inFlight: number; dropped: boolean }): number {
  const step = log10(limit);
  if (dropped) return limit - step;
  if (inFlight * 2 < limit) return limit;
  if (queue <= step) return limit + 6 * step;
  if (queue < 3 * step) return limit + step;
  return queue > 6 * step ? limit - step : limit;
}
