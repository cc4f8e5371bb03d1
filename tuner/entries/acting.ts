/**
 * Knobs that have an effect only where others stand (`actsUnder`): a batch size while calls travel in messages.
 *
 *   settings ── withIdleAtDefault ──▶ the same, with each knob that has no effect there at what was configured
 *
 * So two settings that do the same are one, and what is kept can be written down: options of knobs without an effect
 * would contradict the others.
 */
import type { KnobSpec, Settings } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { changes, valueText } from './settings.ts';

export function hasEffect({ actsUnder = {} }: KnobSpec, settings: Settings): boolean {
  return Object.entries(actsUnder).every(([id, value]) => valueIn(settings, id) === value);
}

/** @param fixed knobs that stay where they are, whether they have an effect or not */
export function withIdleAtDefault(knobs: readonly KnobSpec[], settings: Settings, fixed: Settings = {}): Settings {
  // One that goes back to its default may leave another without an effect: as often as there are knobs.
  let left = settings;
  for (let round = 0; round < knobs.length; round++) {
    const idle = knobs.filter((knob) => !hasEffect(knob, left) && valueIn(fixed, knob.id) === undefined);
    if (idle.every(({ id, defaultValue }) => valueIn(left, id) === defaultValue)) return left;
    left = { ...left, ...Object.fromEntries(idle.map(({ id, defaultValue }) => [id, defaultValue])) };
  }
  return left;
}

/** Of knobs that would move, those that have no effect there, in words; null where all have one. */
export function withoutEffect(knobs: readonly KnobSpec[], from: Settings, to: Settings): string | null {
  const idle = knobs.filter(
    (knob) =>
      !hasEffect(knob, to) &&
      valueIn(to, knob.id) !== knob.defaultValue &&
      changes(from, to).some(([id]) => id === knob.id),
  );
  const [knob] = idle;
  if (!knob) return null;
  const needed = Object.entries(knob.actsUnder ?? {}).filter(([id, value]) => valueIn(to, id) !== value);
  const ids = idle.filter((one) => sameNeeds(one, knob)).map(({ id }) => id);
  const under = needed.map(([id, value]) => `${id} is ${valueText(value)}`).join(' and ');
  const now = needed.map(([id]) => valueText(valueIn(to, id))).join(' and ');
  return `${ids.join(' and ')} ${ids.length > 1 ? 'have' : 'has'} an effect only while ${under}, and it is ${now}`;
}

function sameNeeds(a: KnobSpec, b: KnobSpec): boolean {
  return JSON.stringify(a.actsUnder) === JSON.stringify(b.actsUnder);
}
