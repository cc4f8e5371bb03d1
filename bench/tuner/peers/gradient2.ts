/**
 * Gradient2: the limit shrinks as the short round-trip time exceeds the long one by more than half, and grows by
 * a small queue otherwise.
 * @see Netflix, concurrency-limits, Gradient2Limit under WindowedLimit at their defaults (smoothing 0.2, queueSize 4,
 *   longWindow 600 with 10 warm-up samples). The limit begins where the service does, and may become as small
 *   as the knob allows: the builder's 20 would lie above most services' defaults
 */
import type { Peer, Steps } from '../peer.ts';
import { type Limit, leastSamples, limitOf, sampleOf, windowedMs } from './limit.ts';

const smoothing = 0.2;
const queueSize = 4;
const long = { window: 600, warmUp: 10 } as const;

export const gradient2: Peer = {
  name: 'gradient2',
  about: 'Netflix’s limiter by the ratio of long to short round-trip times',
  rule: (service) => {
    const limit = limitOf(service);
    return limit && rule(limit);
  },
};

function* rule({ min, max, start, settings }: Limit): Steps {
  let now = start;
  let seen = 0;
  let sum = 0;
  let longMs = 0;
  for (;;) {
    const limit = Math.max(min, Math.floor(now));
    const { count, rttMs, inFlight } = sampleOf(yield { settings: settings(now), forMs: windowedMs }, limit);
    if (count < leastSamples) continue;
    seen++;
    // The first samples are averaged, those after them weighed down exponentially.
    if (seen <= long.warmUp) {
      sum += rttMs;
      longMs = sum / seen;
    } else longMs += (2 / (long.window + 1)) * (rttMs - longMs);
    if (longMs / rttMs > 2) longMs *= 0.9;
    if (inFlight < now / 2) continue;
    const gradient = Math.max(0.5, Math.min(1, longMs / rttMs));
    now = Math.max(min, Math.min(max, (1 - smoothing) * now + smoothing * (now * gradient + queueSize)));
  }
}
