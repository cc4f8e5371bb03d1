/** A function called with whole batches, one call a batch at first: under a closed, a Poisson and a bursty load. */
import { randomStream } from '../../../src/foundation/random.ts';
import type { GoalWords } from '../../../tuner/goal.ts';
import { bulkQueue } from '../bulk-queue.ts';
import { asked, batched, type TimelessLaw } from '../laws.ts';
import { batchKnob } from '../pool.ts';
import { toAndFro } from '../to-and-fro.ts';
import { type CatalogueWorld, meanLatency, throughput, usualNoise } from './entry.ts';

/** What is shared by the calls of a batch is half to twice of what each takes. */
function costs(seed: number, name: string) {
  const random = randomStream(seed, name);
  const perCallMs = 0.4 + 0.8 * random();
  return { perCallMs, perBatchMs: perCallMs * 4 ** (random() - 0.5) };
}

/** Calls a second of batches of one. */
const single = ({ perBatchMs, perCallMs }: ReturnType<typeof costs>) => 1000 / (perBatchMs + perCallMs);
/** A queue near its capacity answers a little noise with many times as much. */
const littleNoise = { sigma: 0.01, tail: 0.08 };

export const batching: readonly CatalogueWorld[] = [
  {
    name: 'batching-closed',
    about: 'two batches at once, of 64 calls in flight: larger ones gain until one takes what the other needs',
    kind: 'batching',
    law: 'a + b·n',
    goal: throughput,
    spec: (seed) => ({
      knobs: [batchKnob],
      load: { kind: 'closed', inFlight: 64 },
      law: batched({ width: 2, inFlight: 64, ...costs(seed, 'batching-closed') }),
      noise: usualNoise,
    }),
  },
  {
    name: 'batching-asked',
    about: 'a function without a limit asks a service that shares its time among all it is asked at once',
    kind: 'batching',
    law: 'processor sharing',
    goal: throughput,
    spec: (seed) => ({
      knobs: [batchKnob],
      load: { kind: 'closed', inFlight: 64 },
      law: asked({ inFlight: 64, atOnce: 4, ...costs(seed, 'batching-asked') }),
      noise: usualNoise,
    }),
  },
  {
    name: 'batching-alone',
    about: 'a function without a limit asks a service that has none either: a batch waits for its largest part',
    kind: 'batching',
    law: 'processor sharing',
    goal: throughput,
    spec: (seed) => ({
      knobs: [batchKnob],
      load: { kind: 'closed', inFlight: 64 },
      law: asked({ inFlight: 64, atOnce: 64, ...costs(seed, 'batching-alone') }),
      noise: usualNoise,
    }),
  },
  {
    name: 'batching-poisson',
    about: 'calls come one by one, at nine tenths of what single calls allow',
    kind: 'batching',
    law: 'bulk queue',
    goal: meanLatency,
    spec: (seed) => {
      const cost = costs(seed, 'batching-poisson');
      const perSecond = 0.9 * single(cost);
      return {
        knobs: [batchKnob],
        load: { kind: 'open', perSecond },
        law: bulkQueue({ ...cost, perSecond }),
        noise: littleNoise,
      };
    },
  },
  overloaded(
    'batching-overloaded',
    'calls come a third faster than single calls can serve, for good: they wait behind all that came before',
    throughput,
  ),
  overloaded('batching-late', 'the same, where an answer is worth something within 50 ms only: at first none is', {
    sloMs: 50,
  }),
  {
    name: 'batching-bursty',
    about: 'two seconds of every ten, on average, bring more calls than single calls can serve',
    kind: 'batching',
    law: 'bulk queue',
    goal: meanLatency,
    spec: (seed) => {
      const cost = costs(seed, 'batching-bursty');
      const rates = [0.5 * single(cost), 1.3 * single(cost)] as const;
      const [calm, burst] = rates.map((perSecond) => bulkQueue({ ...cost, perSecond })) as [TimelessLaw, TimelessLaw];
      const bursts = toAndFro([8000, 2000], randomStream(seed, 'batching-bursty bursts'));
      return {
        knobs: [batchKnob],
        load: { kind: 'open', perSecond: (atMs) => rates[bursts.stateAt(atMs)] },
        law: (settings, atMs) => (bursts.stateAt(atMs) === 0 ? calm : burst)(settings),
        noise: littleNoise,
        changes: bursts.nextMs,
      };
    },
  },
];

function overloaded(name: string, about: string, goal: GoalWords): CatalogueWorld {
  return {
    name,
    about,
    kind: 'batching',
    law: 'a + b·n',
    goal,
    spec: (seed) => {
      const cost = costs(seed, name);
      return {
        knobs: [batchKnob],
        load: { kind: 'open', perSecond: (4 / 3) * single(cost) },
        law: batched({ width: 1, ...cost }),
        noise: usualNoise,
      };
    },
  };
}
