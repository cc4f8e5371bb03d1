/**
 * Puts an executor on a new setting. The first knob that fails ends the way there, and whoever asked for
 * it goes back (return-to.ts).
 */
import type { Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { callLimits, type Patience } from './foreign-calls.ts';
import { held, isClosed } from './held-knob.ts';

/** A knob that did not do what it was asked for. */
export interface FailedKnob {
  readonly id: string;
  readonly value: SettingValue;
}

export class KnobsFailed extends SandtuneError {
  readonly knobs: readonly FailedKnob[];

  constructor(knobs: readonly FailedKnob[], message: string, cause: unknown) {
    super('ERR_SANDTUNE_KNOB', message, { cause });
    this.knobs = knobs;
  }
}

const usual: Patience = { timers: systemTimers, limitMs: callLimits.answerMs };

/**
 * The setting that is in force now.
 * @throws {SandtuneError} ERR_SANDTUNE_KNOB naming a knob that cannot be read
 */
export function effectiveSettings(knobs: readonly Knob[]): Settings {
  return Object.fromEntries(knobs.map((knob) => [knob.id, held(knob).read().effective]));
}

/** The same as far as it is known, without the knobs of which nothing is. */
export function knownSettings(knobs: readonly Knob[]): Settings {
  const known = knobs.map((knob) => [knob.id, held(knob).value] as const);
  return Object.fromEntries(known.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const])));
}

/** True when every knob stands at its value in `settings`. */
export function isInForce(knobs: readonly Knob[], settings: Settings): boolean {
  return asked(knobs, settings).every(({ knob, value }) => held(knob).isAt(value));
}

/**
 * @param everyKnob also re-apply knobs that already stand at their value: a real flip of nothing
 * @throws {KnobsFailed} naming the knob that failed; those before it have moved. The reason of the
 *   patience's signal
 */
export async function applySettings(
  knobs: readonly Knob[],
  settings: Settings,
  everyKnob = false,
  patience = usual,
): Promise<void> {
  for (const { knob, value } of asked(knobs, settings)) {
    patience.signal?.throwIfAborted();
    const holder = held(knob);
    holder.want(value);
    if (!everyKnob && holder.isAt(value)) continue;
    try {
      await holder.apply(value, patience);
    } catch (cause) {
      if (patience.signal?.aborted) throw cause;
      throw knobFailure(knob.id, value, cause);
    }
  }
}

/** An executor that was closed is nobody's failure. */
export function knobFailure(id: string, value: SettingValue, cause: unknown): KnobsFailed {
  return new KnobsFailed(isClosed(cause) ? [] : [{ id, value }], messageOf(cause), cause);
}

/** The knobs that `settings` names, with their values. */
export function asked(
  knobs: readonly Knob[],
  settings: Settings,
): readonly { readonly knob: Knob; readonly value: SettingValue }[] {
  return knobs.flatMap((knob) => {
    const value = valueIn(settings, knob.id);
    return value === undefined ? [] : [{ knob, value }];
  });
}
