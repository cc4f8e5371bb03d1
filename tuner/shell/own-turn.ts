/**
 * The turn of one session to compare settings (src/store/turns.ts). It is asked for when the session chooses
 * what to try, kept while it compares, and given up after each comparison, so that whoever waits comes next.
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
    const compares = isComparing(state);
    if (goesWithout.has(state.phase.kind) || (this.#compared && !compares)) this.leave();
    else if (this.#clock.now() - this.#askedMs > beatMs)
      this.#ask(leewayMs + (next.kind === 'measure' ? next.maxMs : 0));
    this.#compared = this.#held && compares;
  }

  leave(): void {
    if (this.#held) this.#turns.leave(this.#owner);
    this.#held = false;
  }

  #ask(forMs: number): string | null {
    const nowMs = wallMs(this.#clock);
    this.#held = true;
    this.#askedMs = this.#clock.now();
    return this.#turns.ask({ owner: this.#owner, name: this.#name, nowMs, goodUntilMs: nowMs + forMs });
  }
}

const goesWithout: ReadonlySet<State['phase']['kind']> = new Set([
  'resting',
  'asking',
  'suspended',
  'watching',
  'following',
  'ending',
  'ended',
]);
