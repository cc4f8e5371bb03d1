/** What is known of loads, as it must come out of a ledger. */
import { isFlag, isNumber, objectOf, oneOf, optional, orNull, recordOf } from '../../src/foundation/shape.ts';
import type { KnownLoad, LoadSigns, Sign } from './known-load.ts';
import { intervalShape, settingsShape } from './settings-shape.ts';
import { loadShape } from './trial-shape.ts';

const signShape = objectOf<Sign>({ value: isNumber, error: isNumber });

export const loadSignsShape = objectOf<LoadSigns>({
  load: loadShape,
  cpus: isNumber,
  size: signShape,
  mix: recordOf(isNumber),
  hour: isNumber,
  inForce: settingsShape,
  level: orNull(signShape),
  latency: orNull(signShape),
});

export const knownLoadFields = {
  settings: settingsShape,
  under: loadSignsShape,
  gain: intervalShape,
  pGain: isNumber,
  reached: orNull(signShape),
  atMs: isNumber,
  left: optional(isFlag),
  doubtful: optional(isFlag),
};

export const knownLoadShape = objectOf<KnownLoad>(knownLoadFields);
export const knownLoadIs = oneOf('proven', 'kept', 'forgotten');
