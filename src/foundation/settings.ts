/**
 * Settings are data, and the id of a knob may be any text: `settings[id]` would find what every object
 * inherits where the id is 'constructor', and nothing is of that knob.
 */
import type { Settings, SettingValue } from '../contracts.ts';

/** The value of a knob; undefined where `settings` says nothing of it. */
export function valueIn(settings: Settings, id: string): SettingValue | undefined {
  return Object.hasOwn(settings, id) ? settings[id] : undefined;
}
