/**
 * Where calls run. A tier has units, such as worker threads, and it alone decides which of them takes a
 * call now.
 *
 *   queue ── free()? ──▶ Tier ── send(unit, calls) ──▶ unit ──▶ each call settles itself: ok | trap
 *     ▲                   │
 *     ├── freed, returned ┤
 *     └── again ◀── Recovery ◀── lost, overran, refused, broken: what a unit leaves unanswered
 *
 * Calls sent together are settled singly and in any order, and a unit may be free for more of them
 * while it works.
 */
import type { Stage } from '../../contracts.ts';
import type { Carrier } from '../../executor/carrier.ts';
import type { DispatchQueue } from '../../executor/dispatch-queue.ts';
import type { Recorder } from '../../measure/recorder.ts';
import type { GuestCall } from './call.ts';

export interface Tier<U> extends Carrier<GuestCall, U> {
  /** Gives the tier its host. Called once, before anything else. */
  serve(host: TierHost): void;
  /** Ends a unit and what runs on it; another takes its place. */
  end(unit: U): void;
  /** Keeps `count` units from now on: starts what is missing; surplus ones end when they are idle. */
  resize(count: number): void;
  /** Resolves when `count` units are ready. @throws what kept one from starting, when none can be started */
  ready(count: number): Promise<void>;
  /**
   * Runs `work` while no call runs: those that come wait. @param work is given the units in use, all of them alive
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED
   */
  alone<T>(work: (units: readonly U[]) => Promise<T>): Promise<T>;
  /** Those that were in use when it began to take calls. */
  readonly firstUnits: readonly U[];
  /** Ends all units. Called when no call runs any more. */
  close(): Promise<void>;
}

export interface TierHost {
  /** The queue in front of it, which it tells of units that are free and of dispatches that are back. */
  readonly queue: Pick<DispatchQueue<GuestCall>, 'freed' | 'left' | 'returned' | 'running' | 'waiting'>;
  readonly failures: TierFailures;
  readonly recorder: Pick<Recorder, 'books' | 'workerStarted'>;
}

/** What a tier reports of calls it cannot answer. A call that is settled already may be among them. */
export interface TierFailures {
  /**
   * The unit of the call ended.
   * @param stage how far the call had come: 'queue' had not begun, 'return' had finished
   */
  lost(call: GuestCall, stage: Stage, cause: unknown): void;
  /** The call ran for longer than the deadline, and its unit is ended. */
  overran(call: GuestCall, stage: Stage): void;
  /** The arguments of the call cannot be sent to a unit. */
  refused(call: GuestCall, cause: unknown): void;
  /** No unit is alive and none could be started for so long that waiting calls are to be given up. */
  broken(cause: unknown): void;
}
