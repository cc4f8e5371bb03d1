/**
 * Puts an executor on a setting. A new setting is applied as a whole or not at all: if a knob refuses,
 * the knobs that moved before it are put back. On the way back to a setting every knob is moved that can
 * be, whatever the others do.
 */
import type { Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { valueIn } from '../../src/foundation/settings.ts';

/** The setting that is in force now. */
export function effectiveSettings(knobs: readonly Knob[]): Settings {
  return Object.fromEntries(knobs.map((knob) => [knob.id, knob.read().effective]));
}

/** The same, without the knobs that cannot be read: for telling of a failure, which must not fail itself. */
export function readableSettings(knobs: readonly Knob[]): Settings {
  const readable = knobs.map((knob) => [knob.id, readOf(knob)?.effective] as const);
  return Object.fromEntries(readable.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const])));
}

function readOf(knob: Knob): ReturnType<Knob['read']> | null {
  try {
    return knob.read();
  } catch {
    return null;
  }
}

/**
 * @param everyKnob also re-apply knobs that already stand at their value: a real flip of nothing
 * @throws whatever the knob that refused threw; nothing has changed then
 */
export async function applySettings(knobs: readonly Knob[], settings: Settings, everyKnob = false): Promise<void> {
  const moved: { readonly knob: Knob; readonly before: SettingValue }[] = [];
  try {
    for (const knob of knobs) {
      const value = valueIn(settings, knob.id);
      const before: SettingValue = knob.read().requested;
      if (value === undefined || (value === before && !everyKnob)) continue;
      moved.push({ knob, before });
      await (knob as Knob<SettingValue>).apply(value);
    }
  } catch (error) {
    for (const { knob, before } of moved.slice(0, -1).reverse()) await putBack(knob, before);
    throw error;
  }
}

/** The refusal before it is what to report, whatever goes wrong here. */
async function putBack(knob: Knob, before: SettingValue): Promise<void> {
  try {
    await (knob as Knob<SettingValue>).apply(before);
  } catch {}
}

/**
 * Every knob back at its value in `settings`, one after the other.
 * @throws {SandtuneError} ERR_SANDTUNE_KNOB naming each knob that is not, after all others are
 */
export async function restoreSettings(knobs: readonly Knob[], settings: Settings): Promise<void> {
  const errors: unknown[] = [];
  const notBack: string[] = [];
  for (const knob of knobs) {
    const value = valueIn(settings, knob.id);
    if (value === undefined) continue;
    const read = readOf(knob);
    if (read?.requested === value && read.effective === value) continue;
    try {
      await (knob as Knob<SettingValue>).apply(value);
    } catch (error) {
      errors.push(error);
      const effective = readOf(knob)?.effective ?? 'nobody knows what';
      notBack.push(`${knob.id} at ${String(effective)} instead of ${String(value)} (${messageOf(error)})`);
    }
  }
  if (notBack.length === 0) return;
  throw new SandtuneError('ERR_SANDTUNE_KNOB', `expected every knob back where it was, left ${notBack.join(', ')}`, {
    cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
  });
}

/** Keeps two settings warm: until this is disposed, a change between them only routes calls differently. */
export async function keepWarm(knobs: readonly Knob[], a: Settings, b: Settings): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    for (const knob of knobs) {
      const [from, to] = [valueIn(a, knob.id), valueIn(b, knob.id)];
      if (from === undefined || to === undefined || from === to) continue;
      stack.use(await (knob as Knob<SettingValue>).keepWarm(from, to));
    }
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
  return stack;
}
