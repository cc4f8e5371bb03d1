/**
 * Puts an executor on a setting. The first knob that fails ends the way to a new setting, and whoever
 * asked for it goes back. On the way back every knob is moved that can be, whatever the others do.
 *
 *   restoreSettings: each knob in turn, of those that are not back ── pause ──▶ again, four times in all
 *                      └─ one that takes longer than a moment is waited for beside the others
 */
import type { Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { answerOf, callLimits, type Patience } from './foreign-calls.ts';
import { type HeldKnob, held, isClosed } from './held-knob.ts';

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

/** Pauses before the second, third and fourth request to knobs that are not back. */
const pausesMs = [20, 200, 1000] as const;

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
    const holder = held(knob);
    holder.want(value);
    if (!everyKnob && holder.isAt(value)) continue;
    try {
      await holder.apply(value, patience);
    } catch (cause) {
      if (patience.signal?.aborted) throw cause;
      throw failureOf(knob.id, value, cause);
    }
  }
}

/** An executor that was closed is nobody's failure. */
export function failureOf(id: string, value: SettingValue, cause: unknown): KnobsFailed {
  return new KnobsFailed(isClosed(cause) ? [] : [{ id, value }], messageOf(cause), cause);
}

/**
 * Every knob back at its value in `settings`. Knobs of an executor that was closed have nothing to
 * return to. Takes as long as the limit of `patience` for one knob, and for each that hangs half a
 * second more, whatever the knobs do.
 * @throws {KnobsFailed} naming each knob that is not back, after all others are; the reason of the signal
 */
export async function restoreSettings(
  knobs: readonly Knob[],
  settings: Settings,
  patience: Patience = usual,
): Promise<void> {
  const { timers, signal } = patience;
  let away: readonly Away[] = asked(knobs, settings).map(({ knob, value }) => ({ holder: held(knob), value }));
  for (const { holder, value } of away) holder.want(value);
  for (const pauseMs of [0, ...pausesMs]) {
    if (pauseMs > 0) await timers.sleep(pauseMs, { keepAlive: true, ...(signal && { signal }) });
    away = await bringBack(away, pauseMs === 0, patience);
    if (away.length === 0) return;
  }
  throw notBack(away);
}

/** A knob that is not back, and why. */
export interface Away {
  readonly holder: HeldKnob;
  readonly value: SettingValue;
  /** Where it stands. @defaultValue what it reads */
  readonly at?: unknown;
  readonly error?: unknown;
}

/** @returns those that are not back yet */
async function bringBack(away: readonly Away[], isFirst: boolean, patience: Patience): Promise<readonly Away[]> {
  const ends: Promise<Away | null>[] = [];
  for (const one of away) {
    const end = backOrAway(one, isFirst, patience);
    ends.push(end);
    await answerOf(end, one.holder.id, { ...patience, limitMs: callLimits.momentMs }).catch(() => undefined);
  }
  return (await Promise.all(ends)).filter((one) => one !== null);
}

/** Asks one knob to go back, for half of the limit: a second request may find it awake. Null once it is back. */
async function backOrAway(away: Away, isFirst: boolean, patience: Patience): Promise<Away | null> {
  const { holder, value } = away;
  const { limitMs } = patience;
  if (holder.isAt(value)) return null;
  const leftMs = limitMs - holder.waitedMs(value);
  if (leftMs <= 0 && !isFirst) return away;
  const forMs = leftMs <= 0 ? callLimits.momentMs : Math.min(leftMs, limitMs / 2);
  try {
    await holder.apply(value, { ...patience, keepAlive: true, limitMs: forMs });
    return null;
  } catch (error) {
    if (patience.signal?.aborted) throw error;
    // What it says of itself counts, and not how it answered.
    return isClosed(error) || holder.isAt(value) ? null : { ...away, error };
  }
}

export function notBack(away: readonly Away[]): KnobsFailed {
  const left = away.map(({ holder, value, error, at = holder.value ?? 'nobody knows what' }) => {
    return `${holder.id} at ${String(at)} instead of ${String(value)}${error === undefined ? '' : ` (${messageOf(error)})`}`;
  });
  const errors = away.map(({ error }) => error);
  return new KnobsFailed(
    away.map(({ holder, value }) => ({ id: holder.id, value })),
    `expected every knob back where it was, left ${left.join(', ')}`,
    errors.length === 1 ? errors[0] : new AggregateError(errors),
  );
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
