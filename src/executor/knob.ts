/**
 * Makes the knobs of one executor, with values of any type, from what is particular to each of them
 * (`KnobParts`). The checks, the requested values, the new epoch and the order of moves are the same
 * for every knob and are here.
 *
 *   apply(value) ─ in the domain? open? ─ after the knob's moves before it ─ open? ─▶ move ─▶ effective
 *                                                                 (refused: as it was before)
 *   keepWarm(a, b) ─ in the domain? open? ─▶ warm ─▶ let go on disposal
 *
 * A move waits for those of its own knob only, and warming for no move: what hangs must not hold up
 * the others on their way back to the setting that is known to be good.
 */
import type { Knob, KnobSpec, OptionSetting, Patch, Settings, SettingValue } from '../contracts.ts';
import { closedError } from '../foundation/call-errors.ts';
import { isSandtuneError, messageOf, SandtuneError } from '../foundation/errors.ts';
import { quoted } from '../foundation/options.ts';
import { domainText, isInDomain } from './domain.ts';
import { optionText } from './option-text.ts';

export interface KnobParts<V extends SettingValue = SettingValue> {
  readonly spec: KnobSpec<V>;
  /** The value in force, observed where that is possible. */
  effective(): V;
  /**
   * Puts a checked value in force; resolves when it is effective. Calls `inForce` just before its
   * first step, so that the window that ends there is measured by the resources it had. When the move
   * throws or rejects, everything must be as it was; the knob then calls `inForce` with the old value.
   */
  move(value: V, inForce: (value: V) => void): void | Promise<void>;
  /**
   * Makes ready what both values need, and resolves with a function that lets it go. Absent where there
   * is nothing to keep.
   */
  warm?(a: V, b: V): Promise<() => void | Promise<void>>;
  /** The option that sets it. @defaultValue the one called as the knob, of what the first argument is */
  readonly option?: Omit<OptionSetting, 'value'>;
  /** What that option was given, which may be no value of the knob: an edit has it to take away. Absent: nothing. */
  readonly given?: SettingValue | undefined;
  /** @defaultValue that option, in place of what it was given */
  patch?(value: V): Patch;
}

function ownOption(id: string): Omit<OptionSetting, 'value'> {
  return { of: 'the options', argument: 'first', path: [id] };
}

/** What knobs ask of their executor. */
export interface KnobOwner {
  /** There is nothing left to move. */
  closed(): boolean;
  /** The knobs stand at `settings` from now on: a new epoch. */
  changed(settings: Settings): void;
}

/**
 * The spec of a knob whose arms must alternate in time, and which moves live in both directions unless
 * `spec` says otherwise.
 */
export function executorSpec<V extends SettingValue>(
  spec: Omit<KnobSpec<V>, 'interference' | 'moves'> & Partial<Pick<KnobSpec<V>, 'moves'>>,
): KnobSpec<V> {
  return { interference: 'executor', moves: { up: 'live', down: 'live' }, ...spec };
}

/** A move that consists of one assignment. */
export function atOnce<V>(set: (value: V) => void): (value: V, inForce: (value: V) => void) => void {
  return (value, inForce) => {
    inForce(value);
    set(value);
  };
}

/**
 * The settings before any knob was moved: the defaults of the specs. `effective()` is not called,
 * because a user's knob may give anything.
 */
export function settingsOf(parts: readonly KnobParts[]): Settings {
  return Object.fromEntries(parts.map(({ spec }) => [spec.id, spec.defaultValue]));
}

export function createKnobs(parts: readonly KnobParts[], owner: KnobOwner): readonly Knob[] {
  const requested = new Map(parts.map(({ spec }) => [spec.id, spec.defaultValue]));
  return Object.freeze(parts.map((part) => knobOf(part, requested, owner)));
}

function knobOf(part: KnobParts, requested: Map<string, SettingValue>, owner: KnobOwner): Knob {
  const { spec } = part;
  const { id } = spec;
  let last: Promise<unknown> = Promise.resolve();
  const inForce = (value: SettingValue) => {
    requested.set(id, value);
    owner.changed(Object.fromEntries(requested));
  };
  const move = async (value: SettingValue) => {
    const before = requested.get(id) as SettingValue;
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
    // An epoch begins also where the value is the old one, because an a/a trial flips for real.
    if (!isBegun) inForce(value);
  };
  return Object.freeze({
    ...spec,
    read: () => ({ requested: requested.get(id) as SettingValue, effective: part.effective() }),
    async apply(value: SettingValue) {
      checkValue(spec, value);
      if (owner.closed()) throw closedError(id);
      const moved = last.then(async () => {
        if (owner.closed()) throw closedError(id);
        await move(value);
      });
      last = moved.catch(() => {});
      await moved;
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
      let isKept = true;
      return {
        async [Symbol.asyncDispose]() {
          if (!isKept) return;
          isKept = false;
          await letGo?.();
        },
      };
    },
    patch(value: SettingValue) {
      checkValue(spec, value);
      const option = part.option ?? ownOption(id);
      return part.patch?.(value) ?? { ...optionPatch({ ...option, value }), before: givenText(option, part.given) };
    },
  });
}

/** Options as an edit: what is written now, only the program knows. */
export function optionPatch(...options: readonly OptionSetting[]): Patch {
  return { before: '', after: options.map(lineOf).join('\n'), options };
}

/** The line of an option as it was given; empty where it was not. */
export function givenText(option: Omit<OptionSetting, 'value'>, given: SettingValue | undefined): string {
  return given === undefined ? '' : lineOf({ ...option, value: given });
}

/** `batch: { size: 8 },` */
function lineOf({ path, value }: OptionSetting): string {
  const [option = '', ...outer] = path.toReversed();
  return `${outer.reduce((inner, name) => `${name}: { ${inner} }`, optionText(option, value))},`;
}

/** The error of a knob that failed. Where the executor was closed meanwhile, the error that says so is passed on. */
function refused(id: string, wanted: string, cause: unknown): SandtuneError {
  if (isSandtuneError(cause) && cause.code === 'ERR_SANDTUNE_CLOSED') return cause;
  return new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${wanted}, got: ${messageOf(cause)}`, { cause });
}

function checkValue({ id, domain }: KnobSpec, value: unknown): void {
  if (isInDomain(domain, value)) return;
  throw new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${domainText(domain)}, got ${quoted(value)}`);
}
