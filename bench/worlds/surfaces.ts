/**
 * Laws by which services respond to their knobs and that no model of the tuner knows: what it finds in
 * worlds made of them it found by measuring. Each gives a factor, to be multiplied with a rate.
 *
 *   hill     rises, then is flat            hump   one best value, a hyperbolic secant over octaves
 *   thrash   falls off behind a cliff       tiled  good at multiples of a tile only
 *   ridge    a best point in several knobs whose axes are not the knobs' own
 */
import type { RandomSource } from '../../src/foundation/random.ts';

/** @param steep exponent @returns 0 to 1; ½ at `half` @see Hill 1910 (the equation of oxygen binding) */
export function hill(value: number, half: number, steep = 2): number {
  return value ** steep / (half ** steep + value ** steep);
}

/**
 * Its logarithm is a parabola nowhere but at the very top, and far from it a straight line.
 * @param octaves distance at which e^(−½) is left @returns 1 at `best`
 */
export function hump(value: number, best: number, octaves: number): number {
  return 1 / Math.cosh((Math.acosh(Math.sqrt(Math.E)) * Math.log2(value / best)) / octaves);
}

/** @param cliff value at which half is left @param width share of `cliff` over which the fall goes @see Denning 1968 (thrashing) */
export function thrash(value: number, cliff: number, width = 0.05): number {
  return 1 / (1 + Math.exp((value / cliff - 1) / width));
}

/** Work comes in tiles, and a started tile costs as much as a whole one. */
export function tiled(value: number, tile: number): number {
  return value / (tile * Math.ceil(value / tile));
}

/**
 * Falls with the square of the distance from `best`, along axes turned by chance against those of the
 * knobs, so that what one knob should be depends on the others.
 * @param best length = number of knobs, each 0 to 1
 * @param worst log of what is left one unit away along the steepest axis
 */
export function ridge(best: readonly number[], worst: number, random: RandomSource): (at: readonly number[]) => number {
  const turns = best.map((_, from) => ({
    from,
    to: (from + 1) % best.length,
    angle: Math.PI * (0.15 + 0.2 * random()),
  }));
  const steepness = best.map((_, axis) => worst / (1 + axis));
  return (at) => {
    const turned = turns.reduce(
      (point, { from, to, angle }) => {
        const [x = 0, y = 0] = [point[from], point[to]];
        if (from === to) return point;
        return point
          .with(from, x * Math.cos(angle) - y * Math.sin(angle))
          .with(to, x * Math.sin(angle) + y * Math.cos(angle));
      },
      at.map((value, axis) => value - (best[axis] ?? 0)),
    );
    return Math.exp(turned.reduce((sum, value, axis) => sum + (steepness[axis] ?? 0) * value * value, 0));
  };
}
