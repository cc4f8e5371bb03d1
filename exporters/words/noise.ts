/**
 * How large the noise is: the smallest gain that a trial of full length tells from none, four times out of
 * five. It is the one figure of noise that anybody can use, so views print no other.
 */
import { unboundedHigh } from '../../tuner/trial/e-value.ts';
import { changeText, shareText } from './numbers.ts';

/** '±2.1 %'; '+5.0 % / −4.8 %' where the two ends are printed differently: the noise is even on a log scale. */
export function noiseText(floor: number): string {
  if (!isBounded(floor)) return 'without bounds';
  const [gain, loss] = [shareText(floor), shareText(-noiseLow(floor))];
  return gain === loss ? `±${gain}` : `${changeText(floor)} / ${changeText(noiseLow(floor))}`;
}

/** '2.1 %', '107 %': the gain alone, as `noiseText` prints it. */
export function floorText(floor: number): string {
  return changeText(floor).replace('+', '');
}

/** Where no setting ran against itself yet: what the noise is taken from. */
export const adjacentAtRest = 'adjacent windows at rest';

/** The loss that is as far from no change as a gain of `floor`. */
export function noiseLow(floor: number): number {
  return 1 / (1 + floor) - 1;
}

/** False where so many pairs at such a spread prove nothing, however large. */
export function isBounded(floor: number): boolean {
  return floor < unboundedHigh;
}
