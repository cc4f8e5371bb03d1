/**
 * A peer: a rule that must find its setting itself, in the same worlds and the same time. It is asked for the
 * next step, and shown the window that came of it, as a coroutine:
 *
 *   const window = yield { settings, forMs }
 *
 * It knows what a service's owner knows: knobs and their defaults, what is to be optimised, how many CPUs there are.
 * It never sees the truth. One file a rule in peers/, each at its own published settings.
 */
import type { KnobSpec, Settings, Window } from '../../src/contracts.ts';
import type { RandomSource } from '../../src/foundation/random.ts';

export interface Service {
  readonly knobs: readonly KnobSpec[];
  /** Where the service begins: every knob at its default. */
  readonly usual: Settings;
  /** What a window is worth to the goal, + is better and 0 the least; 0 where there is nothing to judge by. */
  readonly valueOf: (window: Window) => number;
  readonly cpus: number;
  readonly random: RandomSource;
  readonly seed: number;
}

export interface Step {
  readonly settings: Settings;
  /** How long until the next step, above 0. */
  readonly forMs: number;
  /** Taken from the beginning of it, and not shown. @defaultValue 0 */
  readonly discardMs?: number;
  /** Of a rule that searches: the best that it has found, and how many settings it has tried. */
  readonly found?: { readonly settings: Settings; readonly tried: number };
}

export type Steps = Generator<Step, never, Window>;
type Rule = Steps | AsyncGenerator<Step, never, Window>;

export interface Peer {
  /** An id. */
  readonly name: string;
  /** What it does, in half a sentence. */
  readonly about: string;
  /** null: it has nothing to steer there. */
  readonly rule: (service: Service) => Rule | null;
}

/** What a search does once it is over: it stays on what it found, for good. */
export function holding(settings: Settings, found: NonNullable<Step['found']>): Step {
  return { settings, forMs: 10_000, found };
}
