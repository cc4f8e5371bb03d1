/**
 * The setting of a space that is worth most, by looking: coordinate by coordinate from several starts, over
 * a ladder of values a knob; of a space of one knob that is a look at every rung, and at what lies round the best of them.
 */
import type { Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { ladderOf } from './ladder.ts';

/** A value may take a simulation to judge, so few are looked at. */
const rungs = 24;
/** Of a space of several knobs: from one start a knob that matters under another's value alone is not found. */
const starts = 4;
const rounds = 6;

/** @param valueOf + is better */
export function highest(
  knobs: readonly Pick<Knob, 'id' | 'domain' | 'defaultValue'>[],
  from: Settings,
  valueOf: (settings: Settings) => number,
): Settings {
  const random = randomStream(1, 'starts');
  const ladders = knobs.map((knob) => [knob.id, ladderOf(knob, rungs)] as const);
  const climbed = (start: Settings): Top => {
    let here: Top = { settings: start, value: valueOf(start) };
    for (let round = 0; round < rounds; round++) {
      const before = here;
      for (const [id, values] of ladders)
        for (const value of values) {
          const settings = { ...here.settings, [id]: value };
          const there = { settings, value: valueOf(settings) };
          if (there.value > here.value) here = there;
        }
      if (here === before || knobs.length === 1) break;
    }
    return here;
  };
  const [only] = knobs;
  if (only && knobs.length === 1) {
    const coarse = climbed(from);
    const near = neighbourhood(only, coarse.settings).map((value) => ({ [only.id]: value }));
    return near.map((settings) => ({ settings, value: valueOf(settings) })).reduce(higher, coarse).settings;
  }
  return [from, ...Array.from({ length: starts - 1 }, drawn)].map(climbed).reduce(higher).settings;

  function drawn(): Settings {
    return Object.fromEntries(ladders.map(([id, values]) => [id, values[Math.floor(values.length * random())] ?? 0]));
  }
}

interface Top {
  readonly settings: Settings;
  readonly value: number;
}

function higher(top: Top, one: Top): Top {
  return one.value > top.value ? one : top;
}

/** Between the rungs on both sides of a value. */
function neighbourhood(
  knob: Pick<Knob, 'id' | 'domain' | 'defaultValue'>,
  settings: Settings,
): readonly SettingValue[] {
  const { domain, id } = knob;
  if (!('min' in domain)) return [];
  const ladder = ladderOf(knob, rungs).map(Number);
  const at = ladder.indexOf(Number(valueIn(settings, id)));
  const [min = domain.min, max = domain.max] = [ladder[at - 1], ladder[at + 1]];
  return ladderOf({ domain: { ...domain, min, max }, defaultValue: valueIn(settings, id) ?? min }, rungs);
}
