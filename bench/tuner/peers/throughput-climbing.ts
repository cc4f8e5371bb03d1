/**
 * Throughput climbing: the limit is doubled as long as the rate grows by a quarter, as a BBR connection finds the
 * bandwidth of its path; then it stands where three doublings in a row brought less, and now and then tries a quarter more.
 * @see Cardwell, Cheng, Gunn, Yeganeh, Jacobson, "BBR: Congestion-Based Congestion Control", ACM Queue 14 (2016):
 *   Startup's gain of 2, full pipe after three rounds of less than 25 % growth, ProbeBW's cycle 1.25, 0.75 and six
 *   rounds of 1. A round here is a second, as a limiter's window
 */
import type { Window } from '../../../src/contracts.ts';
import type { Peer, Steps } from '../peer.ts';
import { type Limit, limitOf, windowedMs } from './limit.ts';

const growth = 1.25;
const fullAfter = 3;
const cycle = [1.25, 0.75, 1, 1, 1, 1, 1, 1] as const;

export const throughputClimbing: Peer = {
  name: 'throughput-climbing',
  about: 'doubles while the rate grows by a quarter, as BBR does',
  rule: (service) => {
    const limit = limitOf(service);
    return limit && rule(limit);
  },
};

function* rule({ min, max, start, settings }: Limit): Steps {
  let [now, full, rounds] = [start, start, 0];
  let most = rateOf(yield { settings: settings(now), forMs: windowedMs });
  while (rounds < fullAfter && now < max) {
    now = Math.min(max, 2 * now);
    const rate = rateOf(yield { settings: settings(now), forMs: windowedMs });
    if (rate >= growth * most) [most, full, rounds] = [rate, now, 0];
    else rounds++;
  }
  now = full;
  for (;;) {
    const rates: number[] = [];
    for (const gain of cycle)
      rates.push(rateOf(yield { settings: settings(Math.max(min, Math.min(max, gain * now))), forMs: windowedMs }));
    const [probed = 0, , ...usual] = rates;
    // The filter of BBR: a rate that was not reached at the usual limit shows that there is more to be had.
    if (probed > Math.max(...usual)) now = Math.min(max, cycle[0] * now);
  }
}

function rateOf({ outcomes, startMs, endMs }: Window): number {
  return (1000 * outcomes.ok) / (endMs - startMs);
}
