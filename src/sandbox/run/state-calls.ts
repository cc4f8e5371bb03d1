/**
 * Takes the states of all instances of a sandbox, and puts them back. Each worker is asked by a call of its own,
 * while no other call runs and those that come wait, so that all states are of one moment between two calls.
 *
 *   hold back ─▶ all workers idle ─▶ a state call to each ─▶ go on
 *
 * An instance that is made anew (its guest trapped, its worker was ended) has forgotten what it knew, which is told
 * in place of the state.
 */
import type { DispatchQueue } from '../../executor/dispatch-queue.ts';
import { messageOf } from '../../foundation/errors.ts';
import { expected, reading } from '../../foundation/options.ts';
import type { CallBooks } from '../../measure/call.ts';
import { stateError } from '../module/module-state.ts';
import { type FunctionPlan, GuestCall } from './call.ts';
import type { InstanceState, TakenState } from './instance-state.ts';
import type { Tier } from './tier.ts';

/** State of one guest in one worker, between two calls. */
export interface SandboxState extends InstanceState {
  /** 'guest/place': places count the workers from 0. */
  readonly instance: string;
}

/** A guest that keeps state, and the function that takes it. */
export interface StatePlanOf {
  readonly guest: string;
  /** SHA-256, hexadecimal, of the module's bytes as they were given. */
  readonly sha256: string;
  readonly plan: FunctionPlan;
}

export interface StateCallsParts<U> {
  readonly queue: DispatchQueue<GuestCall, U>;
  readonly tier: Pick<Tier<U>, 'alone' | 'firstUnits'>;
  readonly books: CallBooks;
  readonly plans: readonly StatePlanOf[];
}

/** To take or put back the largest memory there may be, also on a machine with other things to do, ms. */
const deadlineMs = 60_000;

interface Asked {
  readonly instance: string;
  readonly state: TakenState;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where it is no list of what `guestStates()` gave */
export function checkStates(states: unknown): readonly SandboxState[] {
  return reading('states', 'a list', states, () => {
    const isState = (one: unknown) => typeof (one as SandboxState | null)?.instance === 'string';
    if (!Array.isArray(states) || !states.every(isState))
      throw expected('states', 'a list that guestStates() gave', states);
    return states as readonly SandboxState[];
  });
}

export class StateCalls<U> {
  readonly #parts: StateCallsParts<U>;
  /** Whose states were taken or put back last; null before the first time. */
  #known: { readonly units: readonly U[]; readonly counts: string } | null = null;

  constructor(parts: StateCallsParts<U>) {
    this.#parts = parts;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_GUEST_STATE where one was lost; ERR_SANDTUNE_CLOSED */
  async take(): Promise<readonly SandboxState[]> {
    return this.#parts.tier.alone(async (units) => {
      const asked = await this.#askAll(units, () => undefined);
      const counts = countsOf(asked);
      const { units: known, counts: before } = this.#known ?? { units: this.#parts.tier.firstUnits, counts: null };
      const isSame = known.length === units.length && known.every((unit, place) => unit === units[place]);
      const isFirst = before === null && asked.every(({ state }) => state.instances === 1);
      if (!isSame || !(isFirst || counts === before))
        throw stateError(
          'expected the instances that there were, got others: a trap, a deadline or the end of a worker has taken what one of them kept; restart from the last checkpoint',
        );
      this.#known = { units, counts };
      return asked.map(({ instance, state: { memories, globals, snapshot } }) => ({
        instance,
        memories,
        globals,
        snapshot,
      }));
    });
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_GUEST_STATE where they do not fit; ERR_SANDTUNE_CLOSED */
  async restore(states: readonly SandboxState[]): Promise<void> {
    await this.#parts.tier.alone(async (units) => {
      const given = new Map(states.map((state) => [state.instance, state]));
      const wanted = units.flatMap((_, place) => this.#parts.plans.map(({ guest }) => instanceName(guest, place)));
      if (given.size !== wanted.length || !wanted.every((name) => given.has(name)))
        throw stateError(
          `expected the states of ${wanted.join(', ')}, got ${[...given.keys()].join(', ') || 'none'}: as many threads as before, and the same guests`,
        );
      const asked = await this.#askAll(units, (instance) => given.get(instance));
      this.#known = { units, counts: countsOf(asked) };
    });
  }

  async #askAll(
    units: readonly U[],
    before: (instance: string) => InstanceState | undefined,
  ): Promise<readonly Asked[]> {
    const asked = units.flatMap((unit, place) =>
      this.#parts.plans.map(async ({ guest, plan }) => {
        const instance = instanceName(guest, place);
        return { instance, state: await this.#ask(unit, plan, instance, before(instance)) };
      }),
    );
    // All are waited for, also where one fails: no call may be out when others go on.
    const settled = await Promise.allSettled(asked);
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return Promise.all(asked);
  }

  async #ask(unit: U, plan: FunctionPlan, instance: string, before: InstanceState | undefined): Promise<TakenState> {
    const call = new GuestCall(this.#parts.books, plan, before ? [before] : [], { deadlineMs });
    // Another worker has another state: it is for this one or for none.
    call.retried = true;
    if (!call.settled) this.#parts.queue.pass(call, unit);
    try {
      return (await call.promise) as TakenState;
    } catch (cause) {
      const { cause: thrown } = cause as { readonly cause?: unknown };
      throw stateError(`${instance}: expected its state, got: ${messageOf(thrown ?? cause)}`);
    }
  }
}

function instanceName(guest: string, place: number): string {
  return `${guest}/${place}`;
}

function countsOf(asked: readonly Asked[]): string {
  return asked.map(({ instance, state }) => `${instance} ${state.instances}`).join(', ');
}
