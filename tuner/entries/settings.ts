/**
 * Functions on settings: whether two are the same, where they differ, which is cheaper, and whether one is allowed.
 */
import type { KnobSpec, Settings, SettingValue } from '../../src/contracts.ts';
import { domainText, isInDomain } from '../../src/executor/domain.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';

/** What an executor was configured with, wherever its knobs stand now. */
export function configuredSettings(knobs: readonly KnobSpec[]): Settings {
  return Object.fromEntries(knobs.map(({ id, defaultValue }) => [id, defaultValue]));
}

/** A text equal for equal settings, whatever the order of their keys. */
export function settingsKey(settings: Settings): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function sameSettings(a: Settings, b: Settings): boolean {
  return settingsKey(a) === settingsKey(b);
}

/** Knobs whose value differs, as [knob, from, to]. */
export function changes(
  from: Settings,
  to: Settings,
): readonly (readonly [string, SettingValue | undefined, SettingValue])[] {
  return Object.entries(to)
    .filter(([id, value]) => from[id] !== value)
    .map(([id, value]) => [id, from[id], value] as const);
}

/** 'batchSize 1 → 64, threads 3 → 2', or 'nothing changes'. */
export function changesText(from: Settings, to: Settings): string {
  const parts = changes(from, to).map(([id, before, after]) => `${id} ${before} → ${after}`);
  return parts.length === 0 ? 'nothing changes' : parts.join(', ');
}

/** True when no costed knob goes up and at least one goes down by 10 % or more. */
export function isCheaper(knobs: readonly KnobSpec[], from: Settings, to: Settings): boolean {
  let saves = false;
  for (const knob of knobs) {
    if (knob.cost !== 'per-unit') continue;
    const before = Number(from[knob.id]);
    const after = Number(to[knob.id]);
    if (after > before) return false;
    if (after <= before * 0.9) saves = true;
  }
  return saves;
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
        `no knob '${id}'; expected one of ${knobs.map((one) => one.id).join(', ')}`,
      );
    if (!isInDomain(knob.domain, value)) {
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${domainText(knob.domain)}, got ${quoted(value)}`);
    }
    if (Object.hasOwn(fixed, id) && fixed[id] !== value) {
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: fixed at ${quoted(fixed[id])}, got ${quoted(value)}`);
    }
  }
  return { ...current, ...settings };
}
