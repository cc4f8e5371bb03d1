/**
 * The turn of one session to compare settings (src/store/turns.ts). It is asked for when the session chooses
 * what to try, kept while it compares and while a proven candidate waits for its answer, and given up after each
 * comparison, so that whoever waits comes next.
 */
import { type Clock, wallMs } from '../../src/foundation/clock.ts';
import type { Turns } from '../../src/store/turns.ts';
import type { TunerEvent } from '../entries/entries.ts';
import { type Action, isComparing, type State } from '../loop/state.ts';

/** A place is good for so much longer than the next action may take: knobs may hang for a minute. */
const leewayMs = 120_000;
/** A place that is held is asked for again no more often than that. */
const beatMs = 5000;

export class OwnTurn {
  readonly #turns: Turns;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #owner = crypto.randomUUID();
  #askedMs = -Infinity;
  /** What the place was asked for the last time. */
  #goodForMs = 0;
  #held = false;
  #compared = false;

  /** @param name of the executor, which others are told of */
  constructor(turns: Turns, name: string, clock: Clock) {
    this.#turns = turns;
    this.#name = name;
    this.#clock = clock;
  }

  /** The event with who has the turn, where the session chooses and somebody else has it. */
  onto(event: TunerEvent, { mayChange, phase }: State): TunerEvent {
    const asks = phase.kind === 'choosing' || phase.kind === 'waiting';
    if (!mayChange || !asks || event.kind !== 'done') return event;
    const waitsFor = this.#ask(leewayMs);
    return waitsFor === null ? event : { ...event, waitsFor };
  }

  /** After a step: keeps the place, or gives it up. */
  follow(state: State, next: Action): void {
    if (!this.#held) return;
    const { phase, session } = state;
    // An answer leads from the trial to its hold-back at once.
    const compares = isComparing(state) || phase.kind === 'asking';
    // A turn that came after a long wait begins with a new reference. One that takes longer is not for others to wait for.
    const lingers = phase.kind === 'observing' && phase.taken > session.options.baselineWindows;
    if (goesWithout.has(phase.kind) || lingers || (this.#compared && !compares)) this.leave();
    else this.#keep(leewayMs + longestMs(next));
    this.#compared = this.#held && compares;
  }

  #keep(forMs: number): void {
    const isFresh = this.#clock.now() - this.#askedMs <= beatMs;
    if (!isFresh || this.#goodForMs < forMs) this.#ask(forMs);
  }

  leave(): void {
    if (this.#held) this.#turns.leave(this.#owner);
    this.#held = false;
  }

  #ask(forMs: number): string | null {
    const nowMs = wallMs(this.#clock);
    this.#held = true;
    this.#askedMs = this.#clock.now();
    this.#goodForMs = forMs;
    return this.#turns.ask({ owner: this.#owner, name: this.#name, nowMs, goodUntilMs: nowMs + forMs });
  }
}

function longestMs(next: Action): number {
  switch (next.kind) {
    case 'measure':
      return next.discardMs + next.maxMs;
    case 'await':
      return next.forMs;
    default:
      return 0;
  }
}

const goesWithout: ReadonlySet<State['phase']['kind']> = new Set([
  'resting',
  'suspended',
  'watching',
  'following',
  'ending',
  'ended',
]);
