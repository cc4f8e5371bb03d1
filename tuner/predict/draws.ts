/**
 * Points that fill a unit cube evenly. The models take them in place of random numbers to integrate
 * over what they do not know, so a prediction depends on the windows and on nothing else.
 * @see Roberts 2018, "The unreasonable effectiveness of quasirandom sequences": additive recurrence R_d
 */

/** `count` points of `dimensions` coordinates in (0, 1). */
export function evenDraws(count: number, dimensions: number): readonly (readonly number[])[] {
  let root = 1.5;
  for (let step = 0; step < 40; step++) root = (1 + root) ** (1 / (dimensions + 1));
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: dimensions }, (_, d) => (0.5 + (i + 1) * root ** -(d + 1)) % 1),
  );
}
