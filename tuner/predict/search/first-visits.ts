/** What a search visits first, whatever it finds there: that much has to be known of each knob. */
import type { Settings, SettingValue } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { Axis } from './axes.ts';

/** So many knobs are few. */
const fewAxes = 2;
/** Values of an ordered knob that are visited one by one. */
const fewValues = 6;
/** Combinations of all choices that are visited one by one. */
const fewCombinations = 12;

/**
 * What is visited whatever else was found, from where the first visits set out: an ordered knob half its reach up
 * (of few knobs also down, and its whole reach, for behind a valley it may be better; of few values one after the other
 * all of them, for a limit that the last one clears shows at none before it), and every value of a choice.
 * Where the choices have few combinations, each of these, for one may matter only under another; and of few knobs each
 * value of a choice with the same steps of a range, which may matter only under it, and there be bad as it is.
 */
export function firstVisits(
  axes: readonly Axis[],
  current: Settings,
  worksAt: readonly Settings[],
): readonly Settings[] {
  const isOneOfFew = axes.length <= fewAxes;
  const moved = axes.flatMap((axis) =>
    (isOneOfFew && isShort(axis) ? nextValues(axis, worksAt) : firstValues(axis, current, isOneOfFew)).map((value) => ({
      ...current,
      [axis.id]: value,
    })),
  );
  const choices = axes.filter((axis) => axis.isChoice);
  if (isOneOfFew && choices.length === 1) return [...moved, ...crossed(choices[0] as Axis, axes, current)];
  const count = choices.reduce((product, axis) => product * axis.values.length, 1);
  if (choices.length < 2 || count > fewCombinations) return moved;
  const all = choices.reduce<readonly Settings[]>(
    (combined, axis) => combined.flatMap((one) => axis.values.map((value) => ({ ...one, [axis.id]: value }))),
    [current],
  );
  return [...moved, ...all];
}

function isShort({ isChoice, values }: Axis): boolean {
  return !isChoice && values.length <= fewValues;
}

/** Those beside the values at which the service was seen to work. */
function nextValues(axis: Axis, worksAt: readonly Settings[]): readonly SettingValue[] {
  const seen = worksAt.map((one) => axis.values.indexOf(valueIn(one, axis.id) as SettingValue));
  return axis.values.filter((_, at) => seen.some((other) => Math.abs(other - at) === 1));
}

/** Each other value of a choice with the ordered knobs beside it, as they are first moved. */
function crossed(choice: Axis, axes: readonly Axis[], current: Settings): readonly Settings[] {
  return axes
    .filter((axis) => axis !== choice)
    .flatMap((axis) => firstValues(axis, current, true).map((value) => ({ ...current, [axis.id]: value })))
    .flatMap((one) => choice.values.map((value) => ({ ...one, [choice.id]: value })));
}

function firstValues(axis: Axis, current: Settings, isOneOfFew: boolean): readonly SettingValue[] {
  if (axis.isChoice) return axis.values;
  const here = axis.place(valueIn(current, axis.id) as SettingValue);
  return (isOneOfFew ? [-1 / 2, 1 / 2, -1, 1] : [1 / 2]).map((step) => {
    const wanted = here + step * axis.reach;
    const distance = (value: SettingValue) => Math.abs(axis.place(value) - wanted);
    return axis.values.reduce((near, value) => (distance(value) < distance(near) ? value : near));
  });
}
