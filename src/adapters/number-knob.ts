/** Builds a Knob over a number that somebody else holds: checks, the new epoch, what was requested. */
import type { Knob, KnobSpec, NumericRange, Patch, Settings } from '../contracts.ts';
import { messageOf, SandtuneError } from '../foundation/errors.ts';
import { shown } from '../foundation/options.ts';

export interface NumberKnobParts {
  readonly spec: KnobSpec<number>;
  /** What is in force. */
  readonly read: () => number;
  /** Puts a checked value in force. A throw means that nothing changed. */
  readonly set: (value: number) => void;
  /** Holds what both values need; resolves when it is there, with the way to let go. Absent: there is nothing to hold. */
  readonly hold?: (a: number, b: number) => Promise<() => void>;
  readonly patch: (value: number) => Patch;
}

/** What a knob asks of its executor. */
export interface KnobOwner {
  isClosed(): boolean;
  /** A value was put in force: a new epoch begins. */
  changed(): void;
}

export function numberKnob(parts: NumberKnobParts, owner: KnobOwner): Knob {
  const { spec, read, set, hold, patch } = parts;
  let requested = read();
  const checked = (value: number): number => {
    if (isInDomain(value, spec.domain)) return value;
    throw new SandtuneError(
      'ERR_SANDTUNE_KNOB',
      `${spec.id}: expected ${domainText(spec.domain)}, got ${shown(value)}`,
    );
  };
  const knob: Knob<number> = {
    ...spec,
    read: () => ({ requested, effective: read() }),
    async apply(value) {
      checked(value);
      if (owner.isClosed()) throw closedError(spec.id);
      try {
        set(value);
      } catch (error) {
        throw new SandtuneError('ERR_SANDTUNE_KNOB', `${spec.id}: ${value} was refused: ${messageOf(error)}`, {
          cause: error,
        });
      }
      requested = value;
      // Also where the value is the old one: an A/A trial flips for real.
      owner.changed();
    },
    async keepWarm(a, b) {
      checked(a);
      checked(b);
      if (owner.isClosed()) throw closedError(spec.id);
      const letGo = await hold?.(a, b);
      if (owner.isClosed()) {
        letGo?.();
        throw closedError(spec.id);
      }
      let held = true;
      return {
        async [Symbol.asyncDispose]() {
          if (held) letGo?.();
          held = false;
        },
      };
    },
    patch: (value) => patch(checked(value)),
  };
  return Object.freeze(knob);
}

function closedError(id: string): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_CLOSED', `${id}: expected an open executor, got one that was closed`);
}

/** What the knobs stand at. */
export function settingsOf(knobs: readonly Knob[]): Settings {
  return Object.fromEntries(knobs.map((knob) => [knob.id, knob.read().effective]));
}

function isInDomain(value: unknown, domain: KnobSpec<number>['domain']): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (!('min' in domain)) return domain.includes(value);
  return value >= domain.min && value <= domain.max && (!domain.integer || Number.isInteger(value));
}

function domainText(domain: readonly number[] | NumericRange): string {
  if (!('min' in domain)) return `one of ${domain.join(', ')}`;
  return `${domain.integer ? 'an integer' : 'a number'} from ${domain.min} to ${domain.max}`;
}
