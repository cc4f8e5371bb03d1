/**
 * What a search looks at once nothing is to be hoped for any more and the tuner is idle: a law may have a kink between two
 * values that were visited, or begin to gain only where nothing like it was seen.
 *
 *   beside    of each ordered knob the value half an octave (of an even range: a twelfth) up and down, unless one as near was visited
 *   farthest  of what is in reach, where least is known
 *
 * Neither is expected to gain. Each is visited once, as far as a tour may go (tour.ts), and the budget of harm bounds them (harm.ts).
 */
import type { Settings, SettingValue } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { Axis } from './axes.ts';

/** Of how far a value beside may be moved from the one that is wanted, and how near one that was visited makes it needless. */
const near = 0.6;
/** Distance from all that was visited from which on nothing is known of a setting, and what another choice counts for. */
const unknown = { from: 0.2, otherChoice: 0.3 } as const;

/** @param visited places along each axis, of settings that differ from the best in nothing else */
export function beside(axes: readonly Axis[], best: Settings, visited: (axis: Axis) => readonly number[]) {
  return axes.flatMap((axis): readonly Settings[] => {
    if (axis.isChoice) return [];
    const here = axis.place(valueIn(best, axis.id) as SettingValue);
    const known = visited(axis);
    return [-axis.stride, axis.stride].flatMap((step) => {
      const distance = (value: SettingValue) => Math.abs(axis.place(value) - here - step);
      const value = axis.values.reduce((a, b) => (distance(b) < distance(a) ? b : a));
      const isFar = distance(value) > near * axis.stride;
      const isKnown = known.some((place) => Math.abs(place - axis.place(value)) < near * axis.stride);
      return isFar || isKnown ? [] : [{ ...best, [axis.id]: value }];
    });
  });
}

/**
 * Of these the one that is farthest from all that was visited; null where none is far from it. How likely the process holds
 * a gain there does not count: where all that was visited is alike, it takes the rest to be so too.
 */
export function farthest(
  axes: readonly Axis[],
  settings: readonly Settings[],
  visited: readonly Settings[],
): Settings | null {
  const placesOf = (one: Settings) => axes.map((axis) => axis.place(valueIn(one, axis.id) as SettingValue));
  const known = visited.map(placesOf);
  let [found, most]: [Settings | null, number] = [null, unknown.from];
  for (const one of settings) {
    const at = placesOf(one);
    const nearest = Math.min(...known.map((other) => apart(axes, at, other)));
    if (nearest > most) [found, most] = [one, nearest];
  }
  return found;
}

function apart(axes: readonly Axis[], a: readonly number[], b: readonly number[]): number {
  return axes.reduce((sum, { isChoice }, i) => {
    const distance = Math.abs((a[i] as number) - (b[i] as number));
    return sum + (isChoice && distance > 0 ? unknown.otherChoice : distance);
  }, 0);
}
