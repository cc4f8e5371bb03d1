/**
 * AIMD: one more as long as nothing is dropped and half of the limit is used, nine tenths when something is.
 * @see Netflix, concurrency-limits, AIMDLimit under WindowedLimit at their defaults (backoffRatio 0.9, timeout 5 s);
 *   the limit begins where the service does
 */
import type { Peer, Steps } from '../peer.ts';
import { type Limit, leastSamples, limitOf, sampleOf, windowedMs } from './limit.ts';

const backoffRatio = 0.9;
const timeoutMs = 5000;

export const aimd: Peer = {
  name: 'aimd',
  about: 'one more while nothing is dropped, a tenth less when something is',
  rule: (service) => {
    const limit = limitOf(service);
    return limit && rule(limit);
  },
};

function* rule({ min, max, start, settings }: Limit): Steps {
  let now = start;
  for (;;) {
    const { count, rttMs, inFlight, dropped } = sampleOf(yield { settings: settings(now), forMs: windowedMs }, now);
    if (count < leastSamples) continue;
    if (dropped || rttMs > timeoutMs) now = Math.min(now - 1, Math.floor(now * backoffRatio));
    else if (inFlight * 2 >= now) now += 1;
    now = Math.min(max, Math.max(min, now));
  }
}
