/** The noise of a world, asked for one stretch of time after the other. */
import { gaussian, type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { type Noise, referenceMs } from './spec.ts';

export interface Disturbance {
  /** Of the undisturbed rate. */
  readonly share: number;
  /** Time nothing ran. */
  readonly pausedMs: number;
}

/**
 * Drift, bursts and pauses are the same for one name and seed, however time is cut into stretches.
 * @returns what happens in [startMs, endMs], asked for in order; `flippedMs`: when a knob last moved
 */
export function disturbances(
  { sigma = 0, drift, bursts, pauses, transition }: Partial<Noise>,
  name: string,
  seed: number,
): (startMs: number, endMs: number, flippedMs: number) => Disturbance {
  const random = (key: string) => randomStream(seed, `${name} ${key}`);
  const white = random('white');
  const driftAt = drift && ornsteinUhlenbeck(drift, random('drift'));
  const burstMs = bursts && coveredBy(memoryless(bursts, random('bursts')));
  const pauseMs = pauses && coveredBy(periodic(pauses, random('pauses')));
  return (startMs, endMs, flippedMs) => {
    const lengthMs = endMs - startMs;
    const pausedMs = pauseMs?.(startMs, endMs) ?? 0;
    const taken = bursts && burstMs ? (bursts.share * burstMs(startMs, endMs)) / lengthMs : 0;
    const settlingMs = transition ? Math.min(endMs, flippedMs + transition.forMs) - Math.max(startMs, flippedMs) : 0;
    const lost = transition ? (transition.share * Math.max(0, settlingMs)) / lengthMs : 0;
    const sd = sigma * Math.sqrt(referenceMs / lengthMs);
    // The mean of exp(sd · z) is exp(sd² / 2): short stretches must not be faster on the whole.
    const log = (driftAt?.((startMs + endMs) / 2) ?? 0) + (sd > 0 ? sd * gaussian(white) - (sd * sd) / 2 : 0);
    return { share: Math.exp(log) * (1 - taken) * (1 - lost) * (1 - pausedMs / lengthMs), pausedMs };
  };
}

/** Exact at the ascending times it is asked for. */
function ornsteinUhlenbeck({ sigma, timeMs }: Noise['drift'], random: RandomSource): (atMs: number) => number {
  let value = sigma * gaussian(random);
  let lastMs = 0;
  return (atMs) => {
    const kept = Math.exp(-(atMs - lastMs) / timeMs);
    lastMs = atMs;
    value = kept * value + sigma * Math.sqrt(1 - kept * kept) * gaussian(random);
    return value;
  };
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Gives the stretch after the last one, or the first. */
type Next = (last: Stretch | null) => Stretch;

function memoryless({ everyMs, forMs }: Noise['bursts'], random: RandomSource): Next {
  const exponential = (meanMs: number) => -meanMs * Math.log(1 - random());
  return (last) => {
    const fromMs = (last?.toMs ?? -everyMs * random()) + exponential(everyMs);
    return { fromMs, toMs: fromMs + exponential(forMs) };
  };
}

function periodic({ everyMs, forMs, jitterFraction }: Noise['pauses'], random: RandomSource): Next {
  return (last) => {
    const afterMs = last?.fromMs ?? -everyMs * random();
    const fromMs = afterMs + everyMs * (1 + jitterFraction * (2 * random() - 1));
    return { fromMs, toMs: fromMs + forMs };
  };
}

/** Milliseconds of [startMs, endMs] that the stretches cover; asked for ascending times. */
function coveredBy(next: Next): (startMs: number, endMs: number) => number {
  let current = next(null);
  return (startMs, endMs) => {
    let coveredMs = 0;
    while (current.fromMs < endMs) {
      coveredMs += Math.max(0, Math.min(endMs, current.toMs) - Math.max(startMs, current.fromMs));
      if (current.toMs >= endMs) break;
      current = next(current);
    }
    return coveredMs;
  };
}
