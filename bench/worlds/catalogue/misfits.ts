/** Worlds that are not what they look like: models that are wrong, knobs that lie, outages that are nobody's fault. */
import { batched, scalable } from '../laws.ts';
import { batchKnob } from '../pool.ts';
import type { WorldKnob, WorldSpec } from '../spec.ts';
import { hill, hump, tiled } from '../surfaces.ts';
import { type CatalogueWorld, concurrency, numberKnob, throughput, usualNoise } from './entry.ts';

const refillMs = 2000;
const lawOfWidth = scalable({ inFlight: 64, perSecond: 100, contention: 0.05, coherency: 0.001 });

export const misfits: readonly CatalogueWorld[] = [
  misfit('misfit-tiles', 'widths that are multiples of eight are good, and one more than these is worst', 'tiled', {
    knobs: [concurrency(8)],
    law: ({ concurrency: width }) => ({
      perSecond: 3000 * hill(Number(width), 8, 1) * tiled(Number(width), 8),
      waitShare: 0.5,
    }),
  }),
  misfit('misfit-two-humps', 'twice as much is worse, and eight times as much the best', 'hump', {
    knobs: [concurrency(4)],
    law: ({ concurrency: width }) => ({
      perSecond: 1500 * (hump(Number(width), 4, 0.6) + 1.5 * hump(Number(width), 40, 0.8)),
      waitShare: 0.5,
    }),
  }),
  misfit('misfit-batches', 'batches cost as the model says up to eight calls, and twice as much beyond', 'tiled', {
    knobs: [batchKnob],
    law: ({ batchSize }) => {
      const size = Number(batchSize);
      const { perSecond, ...told } = batched({ width: 2, inFlight: 64, perBatchMs: 1, perCallMs: 0.5 })({
        batchSize: size,
      });
      return { ...told, perSecond: perSecond * (size > 8 ? 0.5 : 1) * tiled(size, 4) };
    },
  }),
  misfit(
    'misfit-busy',
    'two threads seem to use all of two CPUs, so that more of them would only get in the way, and eight times as many do most',
    'hump',
    {
      knobs: [numberKnob('threads', 2, { max: 64 })],
      law: ({ threads }) => {
        const width = Number(threads);
        const perSecond = 400 + 400 * hump(width, 16, 2);
        const work = { fill: 1, busyFraction: 1, hostMs: 10, workerMs: 1960 };
        return {
          perSecond,
          waitShare: 1 - width / 64,
          work: { ...work, batchMs: 1000 * width, executeMs: 1000 * width },
        };
      },
    },
  ),
  misfit('refilling', 'for two seconds after each change, to whatever value, calls are as slow', 'scalability', {
    knobs: [concurrency(8)],
    law: (settings, _, { stayedMs }) => {
      const filled = lawOfWidth(settings);
      return stayedMs < refillMs ? { ...filled, perSecond: 0.6 * lawOfWidth({ concurrency: 8 }).perSecond } : filled;
    },
    changes: (afterMs, movedMs) => (afterMs - movedMs < refillMs ? movedMs + refillMs : Infinity),
  }),
  misfit('knob-lies', 'the knob says that it moved, and stays where it was', 'scalability', {
    knobs: [moved({ takes: () => 8, lies: true })],
    law: lawOfWidth,
  }),
  misfit('knob-falls-short', 'the knob takes no more than twelve, and says so', 'scalability', {
    knobs: [moved({ takes: (value) => Math.min(12, Number(value)) })],
    law: lawOfWidth,
  }),
  misfit(
    'outages',
    'twice a minute, on average, nearly everything stops for half a second, whatever is in force',
    'hill',
    {
      knobs: [concurrency(4)],
      law: ({ concurrency: width }) => ({ perSecond: 3000 * hill(Number(width), 5, 2), waitShare: 0.5 }),
      strikes: [
        {
          oneIn: 60,
          forMs: 500,
          does: (service) => ({ ...service, perSecond: 0.05 * service.perSecond, errorFraction: 0.5 }),
        },
      ],
    },
  ),
];

function moved(how: Pick<WorldKnob, 'takes' | 'lies'>): WorldKnob {
  return { ...concurrency(8), ...how };
}

function misfit(
  name: string,
  about: string,
  law: CatalogueWorld['law'],
  spec: Pick<WorldSpec, 'knobs' | 'law'> & Partial<WorldSpec>,
): CatalogueWorld {
  return {
    name,
    about,
    kind: 'misfit',
    law,
    goal: throughput,
    spec: () => ({ load: { kind: 'closed', inFlight: 64 }, noise: usualNoise, ...spec }),
  };
}
