/**
 * How large the noise is: what the a/a trial found, else what adjacent windows at rest say, for which no
 * knob has to be touched.
 */
import type { SessionHistory } from '../../../tuner/history.ts';
import { smallestEffect } from '../../../tuner/trial/noise.ts';
import type { NoiseData } from '../data.ts';

/** The spread of fewer pairs is an accident: that of the windows at rest says more. */
const fewestPairs = 3;

function isKnown(spread: number): boolean {
  return Number.isFinite(spread) && spread > 0;
}

/** With the number of the entry it stands in; null before there is a reference. */
export function noiseOf({
  noise,
  baselines,
  entry: { options },
}: SessionHistory): (NoiseData & { readonly entry: number }) | null {
  if (noise && noise.pairs >= fewestPairs && isKnown(noise.fullTrial.floor)) {
    const { trial, pairs, floor, fullTrial, effect, entryNumber } = noise;
    return { source: 'a/a', trial, pairs, floor, fullTrial, effect, entry: entryNumber };
  }
  const [first] = baselines;
  if (!first) return null;
  const { sigmaD, windows, entryNumber } = first;
  if (!isKnown(sigmaD)) return null;
  const floor = smallestEffect(sigmaD, options.alpha, options.maxPairs);
  return {
    source: 'adjacent windows',
    trial: null,
    pairs: windows,
    floor: null,
    fullTrial: { pairs: options.maxPairs, floor },
    effect: null,
    entry: entryNumber,
  };
}
