/** How large the noise is, in words and as the two changes it may look like. */
import { unboundedHigh } from '../../tuner/trial/e-value.ts';
import { changeText, shareText } from './numbers.ts';

/** From here on the two ends look too different to be said as one. */
const largeFloor = 0.2;

/** '±2.1 %'; '+196 % / −66 %' where it is large: the noise is even on a log scale, and nothing loses more than all. */
export function noiseText(floor: number): string {
  if (!(floor < unboundedHigh)) return 'without bounds';
  return floor < largeFloor ? `±${shareText(floor)}` : `${changeText(floor)} / ${changeText(noiseLow(floor))}`;
}

/** The loss that is as far from no change as a gain of `floor`. */
export function noiseLow(floor: number): number {
  return 1 / (1 + floor) - 1;
}
