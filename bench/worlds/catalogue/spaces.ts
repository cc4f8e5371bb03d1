/** Spaces of several knobs with interaction, and single knobs whose best is a cliff, a plateau, or up to another knob. */

import type { Settings, SettingValue } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { WorldKnob } from '../spec.ts';
import { hill, hump, ridge, thrash } from '../surfaces.ts';
import { type CatalogueWorld, concurrency, numberKnob, throughput, usualNoise } from './entry.ts';

const inFlight = 64;
const closed = { kind: 'closed', inFlight } as const;

export const spaces: readonly CatalogueWorld[] = [
  joint(3),
  joint(5),
  joint(8),
  {
    name: 'slo-cliff',
    about:
      'more at once serves more, until all of it thrashes; 840 calls a second come, which the width of 4 just serves, and 50 ms are promised',
    kind: 'space',
    law: 'thrash',
    goal: { maximize: 'goodput', sloMs: 50 },
    spec: (seed) => {
      const cliff = 24 + 40 * randomStream(seed, 'slo-cliff')();
      return {
        knobs: [concurrency(4)],
        load: { kind: 'open', perSecond: 840 },
        law: (settings) => ({
          perSecond:
            1800 * hill(Number(settings['concurrency']), 4, 1) * thrash(Number(settings['concurrency']), cliff),
          waitShare: 0.5,
        }),
        // A queue near its capacity answers a little noise with many times as much.
        noise: { sigma: 0.01, tail: 0.08 },
      };
    },
  },
  {
    name: 'plateau',
    about: 'from some width on all are alike, and the smallest of these is the cheapest',
    kind: 'space',
    law: 'hill',
    goal: throughput,
    spec: (seed) => {
      const half = 3 + 5 * randomStream(seed, 'plateau')();
      return {
        knobs: [concurrency(4)],
        load: closed,
        law: ({ concurrency: width }) => ({ perSecond: 3000 * hill(Number(width), half, 4), waitShare: 0.5 }),
        noise: usualNoise,
      };
    },
  },
  {
    name: 'only-under-another',
    about: 'how far to read ahead matters once reading ahead is on, which alone costs a little',
    kind: 'space',
    law: 'hump',
    goal: throughput,
    spec: (seed) => {
      const best = 2 ** (4 + 2 * randomStream(seed, 'only-under-another')());
      return {
        knobs: [{ id: 'readsAhead', defaultValue: false, domain: [false, true] }, numberKnob('ahead', 2)],
        load: closed,
        law: ({ readsAhead, ahead }) => ({
          perSecond: 1500 * (readsAhead === true ? 0.95 + 0.8 * hump(Number(ahead), best, 1.2) : 1),
        }),
        noise: usualNoise,
      };
    },
  },
];

const modes = ['copy', 'share', 'pool', 'map'] as const;

/** The first two are numbers; of the others every third is a switch or a choice of four. */
function jointKnobs(count: number): readonly WorldKnob[] {
  return Array.from({ length: count }, (_, i): WorldKnob => {
    if (i % 6 === 2) return { id: `switch${i}`, defaultValue: false, domain: [false, true] };
    if (i % 6 === 5) return { id: `way${i}`, defaultValue: modes[0], domain: modes };
    return numberKnob(`size${i}`, 8, i % 2 === 0 ? {} : { min: 0, max: 100, scale: 'linear' });
  });
}

function joint(count: number): CatalogueWorld {
  const name = `joint-${count}`;
  return {
    name,
    about: `${count} knobs, of which what one should be depends on the others`,
    kind: 'space',
    law: 'ridge',
    goal: throughput,
    spec: (seed) => {
      const random = randomStream(seed, name);
      const knobs = jointKnobs(count);
      // Where the best choice of a switch or a way lies among the others is anybody's guess.
      const orders = knobs.map(() => modes.map(() => random()));
      const best = knobs.map(() => 0.15 + 0.7 * random());
      const factor = ridge(best, -3, random);
      return {
        knobs,
        load: closed,
        law: (settings) => ({
          perSecond: 3000 * factor(knobs.map((knob, i) => placeOf(knob, settings, orders[i] ?? []))),
        }),
        noise: usualNoise,
      };
    },
  };
}

/** 0 to 1: where a value stands in its domain. */
function placeOf({ id, domain = [], defaultValue }: WorldKnob, settings: Settings, order: readonly number[]): number {
  const value: SettingValue = valueIn(settings, id) ?? defaultValue;
  if (!('min' in domain)) return order[(domain as readonly SettingValue[]).indexOf(value)] ?? 0;
  const { min, max, scale } = domain;
  return scale === 'log' ? Math.log(Number(value) / min) / Math.log(max / min) : (Number(value) - min) / (max - min);
}
