/**
 * Functions on settings: whether two are the same, where they differ, which is cheaper, and whether one is allowed.
 */
import type { KnobSpec, Settings, SettingValue } from '../../src/contracts.ts';
import { domainText, isInDomain } from '../../src/executor/domain.ts';
import { valueSource } from '../../src/executor/option-text.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';

import { expected, quoted } from '../../src/foundation/options.ts';
import { optionMeantText } from '../../src/foundation/other-names.ts';
import { valueIn } from '../../src/foundation/settings.ts';

/** What an executor was configured with, wherever its knobs stand now. */
export function configuredSettings(knobs: readonly KnobSpec[]): Settings {
  return Object.fromEntries(knobs.map(({ id, defaultValue }) => [id, defaultValue]));
}

/** As the session's entry has it. */
interface Start {
  readonly anchor: Settings;
  readonly inForce?: Settings;
  readonly follows?: true;
}

/** What is in force when a session has begun: its anchor, unless it is one that touches no knob. */
export function startOf({ inForce, anchor, follows }: Start): Settings {
  return follows ? anchor : (inForce ?? anchor);
}

/** A text equal for equal settings, whatever the order of their keys. */
export function settingsKey(settings: Settings): string {
  const ids = Object.keys(settings).sort();
  return JSON.stringify(ids.map((id) => [id, valueIn(settings, id)]));
}

/** The same as equal keys, without making them: a report compares the settings of each trial with many others. */
export function sameSettings(a: Settings, b: Settings): boolean {
  if (a === b) return true;
  const ids = Object.keys(a);
  return (
    ids.length === Object.keys(b).length && ids.every((id) => Object.hasOwn(b, id) && valueIn(a, id) === valueIn(b, id))
  );
}

/** Knobs whose value differs, as [knob, from, to]. */
export function changes(
  from: Settings,
  to: Settings,
): readonly (readonly [string, SettingValue | undefined, SettingValue])[] {
  return Object.entries(to)
    .filter(([id, value]) => valueIn(from, id) !== value)
    .map(([id, value]) => [id, valueIn(from, id), value] as const);
}

/** 'batchSize 1 → 64, threads 3 → 2', or 'nothing changes'. */
export function changesText(from: Settings, to: Settings): string {
  const parts = changes(from, to).map(([id, before, after]) => `${id} ${valueText(before)} → ${valueText(after)}`);
  return parts.length === 0 ? 'nothing changes' : parts.join(', ');
}

/** A value in words; a text that nobody would see stands in quotes. */
export function valueText(value: SettingValue | null | undefined): string {
  if (value === undefined || value === null) return 'unset';
  return typeof value === 'string' && /^\s|\s$|^$/.test(value) ? valueSource(value) : String(value);
}

/** True when no costed knob goes up and at least one goes down by 10 % or more. */
export function isCheaper(knobs: readonly KnobSpec[], from: Settings, to: Settings): boolean {
  let saves = false;
  for (const knob of knobs) {
    if (knob.cost !== 'per-unit') continue;
    const before = Number(valueIn(from, knob.id));
    const after = Number(valueIn(to, knob.id));
    if (after > before) return false;
    if (after <= before * 0.9) saves = true;
  }
  return saves;
}

/**
 * A copy of settings that somebody hands in, each value read once.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when they are none, or cannot be read
 */
export function settingsGiven(name: string, given: unknown): Settings {
  try {
    // Each value is read once: what is checked is what is used.
    if (typeof given === 'object' && given !== null && !Array.isArray(given))
      return Object.fromEntries(Object.entries(given)) as Settings;
  } catch (cause) {
    const message = `${name}: expected knob values that can be read, got: ${messageOf(cause)}`;
    throw new SandtuneError('ERR_SANDTUNE_OPTION', message, { cause });
  }
  throw expected(name, 'an object of knob values', given);
}

/**
 * `settings` laid over `current`.
 * @throws {SandtuneError} ERR_SANDTUNE_KNOB for an unknown knob, a value outside its domain, a fixed knob
 */
export function completeSettings(
  knobs: readonly KnobSpec[],
  current: Settings,
  settings: Settings,
  fixed: Settings = {},
): Settings {
  for (const [id, value] of Object.entries(settings)) {
    const knob = knobs.find((one) => one.id === id);
    if (!knob)
      throw new SandtuneError(
        'ERR_SANDTUNE_KNOB',
        `no knob ${quoted(id)}; expected ${knobs.length === 0 ? 'none' : `one of ${knobs.map((one) => quoted(one.id)).join(', ')}`}${optionMeantText(
          id,
          knobs.map((one) => one.id),
        )}`,
      );
    if (!isInDomain(knob.domain, value)) {
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${domainText(knob.domain)}, got ${quoted(value)}`);
    }
    const pinned = valueIn(fixed, id);
    if (pinned !== undefined && pinned !== value) {
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: fixed at ${quoted(pinned)}, got ${quoted(value)}`);
    }
  }
  return { ...current, ...settings };
}
