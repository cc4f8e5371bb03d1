/**
 * Hill climbing of .NET's thread pool: the limit is moved to and fro as a small wave, and what of the rate swings
 * at the wave's frequency (by Goertzel's algorithm), against what swings beside it, says where to go.
 * @see dotnet/runtime, PortableThreadPool.HillClimbing.cs, at its defaults; Hellerstein, Morrison, Eilebrecht,
 *   "Optimizing concurrency levels in the .NET ThreadPool" (2008). It may not climb while the CPU is above 95 %.
 *   The wave is laid on whatever number the limit is
 */
import type { Window } from '../../../src/contracts.ts';
import type { Peer, Service, Steps } from '../peer.ts';
import { type Limit, limitOf } from './limit.ts';

const wavePeriod = 4;
const most = { magnitude: 20, perSecond: 4, perSample: 20, sampleError: 0.15, cpu: 0.95 } as const;
const historySize = 8;
const bias = 0.15;
const signalToNoise = 3;
const noiseSmoothing = 0.01;
const gainExponent = 2;
const sampleMs = { least: 10, most: 200 } as const;
const samplesKept = wavePeriod * historySize;

export const hillClimbing: Peer = {
  name: 'hill-climbing',
  about: 'the wave by which .NET’s thread pool finds its size',
  rule: (service) => {
    const limit = limitOf(service);
    return limit && rule(limit, service);
  },
};

interface Wave {
  readonly real: number;
  readonly size: number;
  readonly imaginary: number;
}

function* rule({ min, max, start, settings }: Limit, { cpus, random }: Service): Steps {
  const samples: { rate: number; limit: number }[] = [];
  let total = 0;
  let control = start;
  let now = start;
  let noise = 0;
  let kept = { seconds: 0, calls: 0 };
  const drawnMs = () => sampleMs.least + Math.floor((sampleMs.most - sampleMs.least + 1) * random());
  let [usualMs, forMs] = [drawnMs(), 0];
  forMs = usualMs;
  for (;;) {
    const window: Window = yield { settings: settings(now), forMs };
    const seconds = kept.seconds + (window.endMs - window.startMs) / 1000;
    const calls = kept.calls + window.outcomes.ok + window.outcomes.trap;
    // Each of the other threads may have counted a call too many or too few.
    if (total > 0 && (now - 1) / calls >= most.sampleError) {
      [kept, forMs] = [{ seconds, calls }, sampleMs.least];
      continue;
    }
    kept = { seconds: 0, calls: 0 };
    samples.push({ rate: calls / seconds, limit: now });
    if (samples.length > samplesKept) samples.shift();
    total++;

    const count = Math.floor(Math.min(total - 1, samplesKept) / wavePeriod) * wavePeriod;
    const read = count > wavePeriod ? readWaves(samples.slice(-count)) : null;
    let [ratio, confidence] = [0, 0];
    if (read) {
      noise = noise === 0 ? read.error : noiseSmoothing * read.error + (1 - noiseSmoothing) * noise;
      ratio = read.limit.size > 0 ? realOfQuotient(read.rate, read.limit) - bias : 0;
      const floor = Math.max(noise, read.error);
      confidence = floor > 0 ? read.limit.size / floor / signalToNoise : 1;
    }
    const bounded = Math.min(1, Math.max(-1, ratio)) * Math.min(1, Math.max(0, confidence));
    const move = Math.min(
      most.perSample,
      Math.abs(bounded) ** gainExponent * Math.sign(bounded) * most.perSecond * seconds,
    );
    const busy = window.cpuMs / (cpus * (window.endMs - window.startMs)) > most.cpu;
    control += move > 0 && busy ? 0 : move;
    const magnitude = Math.max(1, Math.min(most.magnitude, Math.floor(0.5 + control * noise * signalToNoise * 2)));
    control = Math.max(min, Math.min(max - magnitude, control));
    const next = Math.max(
      min,
      Math.min(max, Math.floor(control + magnitude * (Math.floor(total / (wavePeriod / 2)) % 2))),
    );
    if (next !== now) usualMs = drawnMs();
    now = next;
    forMs = ratio < 0 && now === min ? Math.max(1, Math.floor(0.5 + usualMs * 10 * Math.min(-ratio, 1))) : usualMs;
  }
}

/** Parts of the mean: the limit's and the rate's swing at the wave's frequency, and the rate's beside it. */
function readWaves(samples: readonly { readonly rate: number; readonly limit: number }[]) {
  const n = samples.length;
  const rates = samples.map(({ rate }) => rate);
  const limits = samples.map(({ limit }) => limit);
  const [rateMean, limitMean] = [rates, limits].map((all) => all.reduce((sum, one) => sum + one, 0) / n) as [
    number,
    number,
  ];
  if (!(rateMean > 0 && limitMean > 0)) return null;
  const beside = [n / (n / wavePeriod + 1), n / (n / wavePeriod - 1)].filter((period) => period <= n);
  return {
    rate: waveOf(rates, wavePeriod, rateMean),
    limit: waveOf(limits, wavePeriod, limitMean),
    error: Math.max(...beside.map((period) => waveOf(rates, period, rateMean).size)),
  };
}

/** @see Goertzel, "An algorithm for the evaluation of finite trigonometric series" (1958) */
function waveOf(values: readonly number[], period: number, scale: number): Wave {
  const w = (2 * Math.PI) / period;
  const cosine = Math.cos(w);
  let [q1, q2] = [0, 0];
  for (const value of values) [q1, q2] = [2 * cosine * q1 - q2 + value, q1];
  const real = (q1 - q2 * cosine) / values.length / scale;
  const imaginary = (q2 * Math.sin(w)) / values.length / scale;
  return { real, imaginary, size: Math.hypot(real, imaginary) };
}

function realOfQuotient(a: Wave, b: Wave): number {
  return (a.real * b.real + a.imaginary * b.imaginary) / b.size ** 2;
}
