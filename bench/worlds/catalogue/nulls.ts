/** Worlds in which no setting is better than another, however much else goes on. */
import type { WorldLoad, WorldSpec } from '../spec.ts';
import { type CatalogueWorld, concurrency, meanLatency, throughput, usualNoise } from './entry.ts';

const hourMs = 3_600_000;
const wave = (atMs: number, periodMs: number) => Math.sin((2 * Math.PI * atMs) / periodMs);

/** Half of the latency looks like waiting for the knob, so that a model thinks it worth a probe. */
const flat =
  (share: (atMs: number) => number = () => 1): WorldSpec['law'] =>
  (_, atMs) => ({ perSecond: 2000 * share(atMs), waitShare: 0.5 });

export const nulls: readonly CatalogueWorld[] = [
  nothing('null-static', 'white noise alone', {}),
  nothing('null-drifting', 'a tenth up and down an hour, and a tenth by chance within seconds', {
    law: flat((atMs) => 1 + 0.1 * wave(atMs, hourMs)),
    noise: { drift: { sigma: 0.1, timeMs: 20_000 } },
  }),
  {
    ...nothing('null-diurnal', 'the load of a day: from a third of its height at night to all of it', {
      load: { kind: 'open', perSecond: (atMs) => 1000 - 500 * Math.cos((2 * Math.PI * atMs) / (24 * hourMs)) },
      law: flat(() => 1.2),
    }),
    goal: meanLatency,
  },
  nothing('null-bursty', 'a neighbour takes half of the machine for a second, every four', {
    noise: { bursts: { everyMs: 4000, forMs: 800, share: 0.5 } },
  }),
  nothing('null-gc', 'pauses that almost beat with pairs of windows', {
    noise: { pauses: { everyMs: 2130, forMs: 120, jitterFraction: 0.05 } },
  }),
  nothing('null-leak', 'a fifth slower by the end of two hours, when everything starts afresh', {
    law: flat((atMs) => 1 - (0.2 * (atMs % (2 * hourMs))) / (2 * hourMs)),
    changes: (afterMs) => 2 * hourMs * (Math.floor(afterMs / (2 * hourMs) + 1e-9) + 1),
  }),
  nothing('null-transition', 'each flip costs half of the next 120 ms', {
    noise: { transition: { forMs: 120, share: 0.5 } },
  }),
];

function nothing(
  name: string,
  about: string,
  { noise = {}, load = { kind: 'closed', inFlight: 64 } as WorldLoad, ...differs }: Partial<WorldSpec>,
): CatalogueWorld {
  return {
    name,
    about,
    kind: 'null',
    law: 'flat',
    goal: throughput,
    spec: () => ({
      knobs: [concurrency()],
      load,
      law: flat(),
      ...differs,
      noise: { ...usualNoise, ...noise },
    }),
  };
}
