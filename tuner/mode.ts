/**
 * How far a tuner may go: a ladder, of which `tune()` asks for a rung, and which the variable
 * SANDTUNE_MODE cuts off above one.
 */
import { quoted } from '../src/foundation/options.ts';
import type { EnvironmentVariables } from '../src/foundation/surroundings.ts';

/** Lowest first. off: nothing. observe: measure. advise: recommend. confirm: try, then ask. auto: try and keep. */
export const modes = ['off', 'observe', 'advise', 'confirm', 'auto'] as const;
/** How far a tuner may go. */
export type Mode = (typeof modes)[number];

/** Modes that may change a setting. */
export function mayChange(mode: Mode): boolean {
  return mode === 'confirm' || mode === 'auto';
}

/** What SANDTUNE_MODE allows. */
export interface ModeCeiling {
  readonly mode: Mode;
  /** What the variable says that is no mode, in words; null where it is one, or says nothing. */
  readonly misread: string | null;
}

/**
 * A mode in any case, with spaces round it, is the highest that may be had. Whoever writes anything else
 * wants less than there is, and gets nothing: an emergency switch must not fail on a spelling.
 */
export function modeCeiling(environment: EnvironmentVariables): ModeCeiling {
  const given = environment['SANDTUNE_MODE'] ?? '';
  const word = given.trim().toLowerCase();
  if (word === '') return { mode: 'auto', misread: null };
  const mode = modes.find((one) => one === word);
  if (mode) return { mode, misread: null };
  const misread = `SANDTUNE_MODE: expected one of ${modes.join(', ')}, got ${quoted(given)}: nothing is tuned`;
  return { mode: 'off', misread };
}

export function lowerOf(a: Mode, b: Mode): Mode {
  return modes.indexOf(a) <= modes.indexOf(b) ? a : b;
}
