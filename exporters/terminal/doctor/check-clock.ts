/** The clock every latency is read from: its step, its cost, and that it never goes back. */
import type { Clock } from '../../../src/foundation/clock.ts';
import { durationText } from '../../../src/foundation/units.ts';
import type { Finding } from './finding.ts';

const reads = 20_000;
/** A step above this hides the calls most people run. */
const coarseMs = 0.1;

export function checkClock(clock: Clock): Finding {
  // The first round warms the code up: a cold read costs several times as much.
  readOften(clock);
  const { smallest, backwards, costMs } = readOften(clock);
  // A step smaller than the cost of one reading cannot be measured.
  const stepMs = Math.max(smallest, costMs);
  const moves = Number.isFinite(smallest);
  const state = backwards > 0 || !moves ? 'broken' : stepMs > coarseMs ? 'poor' : 'good';
  return {
    id: 'clock',
    state,
    title: 'clock',
    found: moves
      ? `steps of ${durationText(smallest)}, ${durationText(costMs)} a read, ${backwards === 0 ? 'never went back' : `went back ${backwards} times`}`
      : `stood still over ${reads} reads`,
    means: meaning(state, stepMs),
    data: { stepMs: moves ? smallest : null, costMs, backwards, reads },
  };
}

function readOften(clock: Clock): { readonly smallest: number; readonly backwards: number; readonly costMs: number } {
  const startMs = clock.now();
  let last = startMs;
  let smallest = Infinity;
  let backwards = 0;
  for (let read = 0; read < reads; read++) {
    const now = clock.now();
    const step = now - last;
    if (step < 0) backwards++;
    else if (step > 0 && step < smallest) smallest = step;
    last = now;
  }
  return { smallest, backwards, costMs: (last - startMs) / reads };
}

function meaning(state: Finding['state'], stepMs: number): string {
  if (state === 'broken') return 'latencies cannot be trusted here';
  const shortest = durationText(20 * stepMs);
  return state === 'good'
    ? `calls from ${shortest} up are timed to 5 %; shorter ones are judged by their rate`
    : `too coarse: only calls from ${shortest} up are timed to 5 %`;
}
