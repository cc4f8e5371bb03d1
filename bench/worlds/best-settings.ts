/**
 * The best setting of a world at a moment, by its own truth: coordinate by coordinate from several starts,
 * over a ladder of values a knob. Of a world of one knob that is a look at every rung.
 */
import type { Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { Truth, World } from './world.ts';

const rungs = 24;
/** Of a space of several knobs: from one start a knob that matters under another's value alone is not found. */
const starts = 4;
const rounds = 6;

/** @param worth + is better */
export function bestSettings(world: World, atMs: number, from: Settings, worth: (truth: Truth) => number): Settings {
  const { knobs } = world.executor;
  const random = randomStream(1, 'starts');
  const ladders = knobs.map((knob) => [knob.id, ladderOf(knob)] as const);
  const valueOf = (settings: Settings) => worth(world.truth(settings, atMs));
  const climbed = (start: Settings): Settings => {
    let here = start;
    for (let round = 0; round < rounds; round++) {
      const before = here;
      for (const [id, values] of ladders)
        for (const value of values) {
          const there = { ...here, [id]: value };
          if (valueOf(there) > valueOf(here)) here = there;
        }
      if (here === before) break;
    }
    return here;
  };
  const others = knobs.length > 1 ? starts - 1 : 0;
  const tops = Array.from({ length: 1 + others }, (_, i) =>
    climbed(
      i === 0
        ? from
        : Object.fromEntries(ladders.map(([id, values]) => [id, values[Math.floor(values.length * random())] ?? 0])),
    ),
  );
  return tops.reduce((top, one) => (valueOf(one) > valueOf(top) ? one : top), from);
}

function ladderOf({ domain, defaultValue }: Knob): readonly SettingValue[] {
  if (!('min' in domain)) return domain;
  const { min, max, scale, integer } = domain;
  const isLog = scale === 'log' && min > 0;
  const values = Array.from({ length: rungs }, (_, i) => {
    const part = i / (rungs - 1);
    const value = isLog ? min * (max / min) ** part : min + part * (max - min);
    return integer ? Math.round(value) : value;
  });
  return [...new Set([Number(defaultValue), ...values])];
}
