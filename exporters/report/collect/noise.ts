/**
 * How large the noise is: what the a/a trial found, else what adjacent windows at rest say, for which no
 * knob has to be touched. The a/a trial comes once nothing else is worth trying.
 */
import type { SessionHistory, SessionWindows } from '../../../tuner/history.ts';
import { smallestEffect } from '../../../tuner/trial/noise.ts';
import { pairsAtRest } from '../../../tuner/trial/plan.ts';
import { countedText } from '../../words/numbers.ts';
import type { NoiseData } from '../data.ts';
import { claiming, plain, quote, type Statement } from './statement.ts';

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
  const fullPairs = pairsAtRest(options);
  const floor = smallestEffect(sigmaD, options.alpha, fullPairs);
  return {
    source: 'adjacent windows',
    trial: null,
    pairs: windows,
    floor: null,
    fullTrial: { pairs: fullPairs, floor },
    effect: null,
    entry: entryNumber,
  };
}

/** Why nobody knows yet how large the noise is, of a session in which `noiseOf` is null. */
export function whyNoNoise(session: SessionHistory, { count }: Pick<SessionWindows, 'count'>): Statement {
  const { options } = session.entry;
  if (options.mode === 'off') return plain('switched off, so nothing was measured');
  if (session.baselines.length > 0) return plain('the windows of the reference are all alike, so they show none');
  const unquiet = session.notTried.findLast((one) => one.code === 'not-stable');
  if (unquiet) return claiming('words', quote(unquiet.reason), {}, [unquiet.entryNumber]);
  const wanted = options.baselineWindows;
  if (count === 0) return plain('no window was measured');
  return claiming(
    'windows',
    count < wanted
      ? `${countedText(count, 'window')} of the ${wanted} that it takes`
      : `of ${countedText(count, 'window')} fewer than ${wanted} are steady and have calls that ended ok`,
    { windows: count, wanted },
    [1],
  );
}
