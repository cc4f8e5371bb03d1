/**
 * Knobs that no model of the tuner knows, by their names and by what windows tell of them: a number, a switch, a
 * choice, and all three together, where the number's best depends on the choice.
 */
import { randomStream } from '../../../src/foundation/random.ts';
import type { WorldKnob, WorldSpec } from '../spec.ts';
import { hump } from '../surfaces.ts';
import { type CatalogueWorld, numberKnob, throughput, usualNoise } from './entry.ts';

const depth = numberKnob('depth', 4);
const eager: WorldKnob = { id: 'eager', defaultValue: false, domain: [false, true] };
const ways = ['copy', 'share', 'pool', 'map'] as const;
const way: WorldKnob = { id: 'way', defaultValue: ways[0], domain: ways };
const usualPerSecond = 2000;

export const unknownKnobs: readonly CatalogueWorld[] = [
  unknown('unknown-number', 'a depth that is best at four to sixteen times its default', [depth], (seed) => {
    const best = 16 * 4 ** randomStream(seed, 'unknown-number')();
    return ({ depth: at }) => hump(Number(at), best, 2.5);
  }),
  unknown(
    'unknown-switch',
    'a switch that gains a quarter',
    [eager],
    () =>
      ({ eager: on }) =>
        on === true ? 1.25 : 1,
  ),
  unknown('unknown-choice', 'a choice of four of which one, drawn by lot, gains two fifths', [way], (seed) => {
    const best = ways[1 + Math.floor(3 * randomStream(seed, 'unknown-choice')())];
    return ({ way: at }) => (at === best ? 1.4 : at === ways[0] ? 1 : 0.9);
  }),
  unknown('unknown-several', 'a depth, a switch and a choice at once', [depth, eager, way], (seed) => {
    const random = randomStream(seed, 'unknown-several');
    const best = 16 * 4 ** random();
    const chosen = ways[1 + Math.floor(3 * random())];
    return ({ depth: at, eager: on, way: by }) =>
      hump(Number(at), by === chosen ? best / 2 : best, 2.5) * (on === true ? 1.25 : 1) * (by === chosen ? 1.4 : 1);
  }),
];

function unknown(
  name: string,
  about: string,
  knobs: readonly WorldKnob[],
  factorOf: (seed: number) => (settings: Parameters<WorldSpec['law']>[0]) => number,
): CatalogueWorld {
  return {
    name,
    about,
    kind: 'unknown knob',
    law: name === 'unknown-number' || name === 'unknown-several' ? 'hump' : 'table',
    goal: throughput,
    spec: (seed) => {
      const factor = factorOf(seed);
      return {
        knobs,
        load: { kind: 'closed', inFlight: 64 },
        law: (settings) => ({ perSecond: usualPerSecond * factor(settings) }),
        noise: usualNoise,
      };
    },
  };
}
