/**
 * Makes the knobs of one executor, of values of any type, from what is particular to each. Here are
 * the checks, what was requested, the new epoch, the order of moves.
 *
 *   apply(value) ─ in the domain? ─ after the moves before it ─ open? ─▶ move ─▶ effective
 *                                                       (refused: as it was before)
 *   keepWarm(a, b) ───────────────────────────────────── open? ─▶ warm ─▶ let go on disposal
 *
 * Warming does not wait for moves, nor they for it: what cannot be warmed must not hold up the way
 * back to the setting that is known to be good.
 */
import type { Knob, KnobSpec, Patch, Settings, SettingValue } from '../contracts.ts';
import { closedError } from '../foundation/call-errors.ts';
import { isSandtuneError, messageOf, SandtuneError } from '../foundation/errors.ts';
import { quoted } from '../foundation/options.ts';
import { domainText, isInDomain } from './domain.ts';

export interface KnobParts<V extends SettingValue = SettingValue> {
  readonly spec: KnobSpec<V>;
  /** What is in force: observed, where that is possible. */
  effective(): V;
  /**
   * Puts a checked value in force; resolves when it is effective. Calls `inForce` just before it takes
   * the first step, so that the window that ends here is measured by what it had. When it throws or
   * rejects everything must be as it was; what it has said of `inForce` is then taken back for it.
   */
  move(value: V, inForce: (value: V) => void): void | Promise<void>;
  /** Resolves when what both values need is there, with the way to let it go. Absent: there is nothing to keep. */
  warm?(a: V, b: V): Promise<() => void | Promise<void>>;
  /** @defaultValue the line `id: value,` of an object of options */
  patch?(value: V): Patch;
}

/** What knobs ask of their executor. */
export interface KnobOwner {
  closed(): boolean;
  /** The knobs stand at `settings` from now on: a new epoch. */
  changed(settings: Settings): void;
}

/** A spec whose arms must alternate in time; live in both directions, unless it says otherwise. */
export function executorSpec<V extends SettingValue>(
  spec: Omit<KnobSpec<V>, 'interference' | 'moves'> & Partial<Pick<KnobSpec<V>, 'moves'>>,
): KnobSpec<V> {
  return { interference: 'executor', moves: { up: 'live', down: 'live' }, ...spec };
}

/** A move that one assignment makes. */
export function atOnce<V>(set: (value: V) => void): (value: V, inForce: (value: V) => void) => void {
  return (value, inForce) => {
    inForce(value);
    set(value);
  };
}

/** What the knobs stand at before any was moved. Nobody is asked what is in force: that may be anything. */
export function settingsOf(parts: readonly KnobParts[]): Settings {
  return Object.fromEntries(parts.map(({ spec }) => [spec.id, spec.defaultValue]));
}

export function createKnobs(parts: readonly KnobParts[], owner: KnobOwner): readonly Knob[] {
  const requested: Record<string, SettingValue> = { ...settingsOf(parts) };
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (move: () => Promise<void>): Promise<void> => {
    const done = last.then(move);
    last = done.catch(() => {});
    return done;
  };
  return Object.freeze(parts.map((part) => knobOf(part, requested, inTurn, owner)));
}

function knobOf(
  part: KnobParts,
  requested: Record<string, SettingValue>,
  inTurn: (move: () => Promise<void>) => Promise<void>,
  owner: KnobOwner,
): Knob {
  const { spec } = part;
  const { id } = spec;
  const inForce = (value: SettingValue) => {
    requested[id] = value;
    owner.changed({ ...requested });
  };
  const move = async (value: SettingValue) => {
    const before = requested[id] as SettingValue;
    let isBegun = false;
    try {
      await part.move(value, (now) => {
        isBegun = true;
        inForce(now);
      });
    } catch (cause) {
      if (isBegun) inForce(before);
      throw refused(id, `to move to ${quoted(value)}`, cause);
    }
    // Also where the value is the old one: a trial of one setting against itself flips for real.
    if (!isBegun) inForce(value);
  };
  return Object.freeze({
    ...spec,
    read: () => ({ requested: requested[id] as SettingValue, effective: part.effective() }),
    async apply(value: SettingValue) {
      checkValue(spec, value);
      await inTurn(async () => {
        if (owner.closed()) throw closedError(id);
        await move(value);
      });
    },
    async keepWarm(a: SettingValue, b: SettingValue) {
      checkValue(spec, a);
      checkValue(spec, b);
      if (owner.closed()) throw closedError(id);
      const letGo = await part.warm?.(a, b).catch((cause: unknown) => {
        throw refused(id, `to keep ${quoted(a)} and ${quoted(b)} warm`, cause);
      });
      if (owner.closed()) {
        await letGo?.();
        throw closedError(id);
      }
      let isHeld = true;
      return {
        async [Symbol.asyncDispose]() {
          if (!isHeld) return;
          isHeld = false;
          await letGo?.();
        },
      };
    },
    patch(value: SettingValue) {
      checkValue(spec, value);
      return part.patch?.(value) ?? optionPatch(id, spec.defaultValue, value);
    },
  });
}

/** The line of an object of options that is to be changed. */
export function optionPatch(option: string, before: SettingValue, after: SettingValue): Patch {
  return { before: optionLine(option, before), after: optionLine(option, after) };
}

function optionLine(option: string, value: SettingValue): string {
  return `${option}: ${typeof value === 'string' ? `'${value}'` : value},`;
}

/** A closed executor says so itself, whatever the knob was about. */
function refused(id: string, wanted: string, cause: unknown): SandtuneError {
  if (isSandtuneError(cause) && cause.code === 'ERR_SANDTUNE_CLOSED') return cause;
  return new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${wanted}, got: ${messageOf(cause)}`, { cause });
}

function checkValue({ id, domain }: KnobSpec, value: unknown): void {
  if (isInDomain(domain, value)) return;
  throw new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${domainText(domain)}, got ${quoted(value)}`);
}
