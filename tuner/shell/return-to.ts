/**
 * The way back to a setting that is known to be good: every knob is moved that can be, whatever the
 * others do. A knob may say that it is back and not be, and one that is broken may be there without
 * saying so: the windows of its executor are a second witness.
 *
 *   each knob in turn, of those that are not back ── pause ──▶ again, four times in all ──▶ what do windows tell?
 *     └─ one that takes longer than a moment is waited for beside the others
 */
import type { Executor, Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { asked, KnobsFailed } from './apply.ts';
import { answerOf, callLimits, type Patience } from './foreign-calls.ts';
import { type HeldKnob, held, isClosed, knobError } from './held-knob.ts';
import { settingsByWindow } from './opened-window.ts';

/** Pauses before the second, third and fourth request to knobs that are not back. */
const pausesMs = [20, 200, 1000] as const;

/** A knob that is not back, and why. */
interface Away {
  readonly holder: HeldKnob;
  readonly value: SettingValue;
  /** Where it stands. @defaultValue what it reads */
  readonly at?: unknown;
  readonly error?: unknown;
}

/**
 * Puts every knob at its value in `settings`. An executor that was closed has nothing to return to.
 * Takes as long as the limit of `patience` for one knob, twice that where one lies, and half a second
 * more for each that hangs.
 * @throws {KnobsFailed} naming each knob that is not there, after all others are; the reason of the signal
 */
export async function returnTo(executor: Executor, settings: Settings, patience: Patience): Promise<void> {
  const away = await bringAllBack(executor.knobs, settings, patience);
  const told = away.length > 0 ? settingsByWindow(executor) : {};
  const notTold = away.filter(({ holder, value }) => !holder.isToldToBeAt(value, valueIn(told, holder.id)));
  if (notTold.length > 0) throw notBack(notTold);
  const again = await Promise.all(elsewhere(executor, settings).map((one) => askAgain(one, patience)));
  const liars = again.filter((one) => one !== null);
  if (liars.length === 0) return;
  const still = new Set(elsewhere(executor, settings).map(({ holder }) => holder));
  const lying = liars.filter(({ holder }) => still.has(holder));
  if (lying.length > 0) throw notBack(lying);
}

/** @returns the knobs that are not back */
async function bringAllBack(knobs: readonly Knob[], settings: Settings, patience: Patience): Promise<readonly Away[]> {
  const { timers, signal } = patience;
  let away: readonly Away[] = asked(knobs, settings).map(({ knob, value }) => ({ holder: held(knob), value }));
  for (const { holder, value } of away) holder.want(value);
  for (const pauseMs of [0, ...pausesMs]) {
    if (pauseMs > 0) await timers.sleep(pauseMs, { keepAlive: true, ...(signal && { signal }) });
    away = await bringBack(away, pauseMs === 0, patience);
    if (away.length === 0) break;
  }
  return away;
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

/** Knobs that the tuner has moved and that stand elsewhere by what the windows tell, whatever they read. */
function elsewhere(executor: Executor, settings: Settings): readonly Away[] {
  const moved = asked(executor.knobs, settings).filter(({ knob }) => held(knob).hasMoved);
  const told = moved.length > 0 ? settingsByWindow(executor) : {};
  return moved.flatMap(({ knob, value }) => {
    const at = valueIn(told, knob.id) ?? value;
    if (at === value) return [];
    return [{ holder: held(knob), value, at, error: knobError('by the windows of its executor, whatever it reads') }];
  });
}

/** Null where there is nothing to return to any more. */
async function askAgain(away: Away, patience: Patience): Promise<Away | null> {
  try {
    await away.holder.apply(away.value, { ...patience, keepAlive: true });
  } catch (error) {
    if (patience.signal?.aborted) throw error;
    if (isClosed(error)) return null;
  }
  return away;
}

function notBack(away: readonly Away[]): KnobsFailed {
  const places = away.map(({ holder, value, error, at = holder.value ?? 'nobody knows what' }) => {
    return `${holder.id} at ${String(at)} instead of ${String(value)}${error === undefined ? '' : ` (${messageOf(error)})`}`;
  });
  const errors = away.map(({ error }) => error);
  return new KnobsFailed(
    away.map(({ holder, value }) => ({ id: holder.id, value })),
    `expected every knob back where it was, left ${places.join(', ')}`,
    errors.length === 1 ? errors[0] : new AggregateError(errors),
  );
}
