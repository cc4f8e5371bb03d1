/**
 * The way back to a setting that is known to be good, and the proof that the executor is on it. A knob
 * may say that it is back and not be: the windows of its executor are a second witness.
 */
import type { Executor, Settings } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { type Away, asked, notBack, restoreSettings } from './apply.ts';
import type { Patience } from './foreign-calls.ts';
import { held, isClosed, knobError } from './held-knob.ts';
import { settingsByWindow } from './opened-window.ts';

/**
 * Puts every knob at its value in `settings`, whatever the others do. An executor that was closed has
 * nothing to return to.
 * @throws {KnobsFailed} naming each knob that is not there; the reason of the patience's signal
 */
export async function returnTo(executor: Executor, settings: Settings, patience: Patience): Promise<void> {
  await restoreSettings(executor.knobs, settings, patience);
  const again = await Promise.all(elsewhere(executor, settings).map((one) => askAgain(one, patience)));
  const asOf = again.filter((one) => one !== null);
  if (asOf.length === 0) return;
  const still = new Set(elsewhere(executor, settings).map(({ holder }) => holder));
  const away = asOf.filter(({ holder }) => still.has(holder));
  if (away.length > 0) throw notBack(away);
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
