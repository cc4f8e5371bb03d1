/**
 * Where calls run. A tier has units (worker threads; later this thread, or processes) and decides
 * which of them takes a call now; nobody else does.
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
import type { Carrier, DispatchQueue } from '../../executor/dispatch-queue.ts';
import type { Recorder } from '../../measure/recorder.ts';
import type { GuestCall } from './call.ts';

export interface Tier<U> extends Carrier<GuestCall, U> {
  /** Says whom it works for; once, before anything else. */
  serve(host: TierHost): void;
  /** Ends a unit and what runs on it; another takes its place. */
  end(unit: U): void;
  /** Keeps `count` units from now on: starts what is missing; surplus ones end when they are idle. */
  resize(count: number): void;
  /** Resolves when `count` units are ready. @throws what kept one from starting, when none can be started */
  ready(count: number): Promise<void>;
  /** Ends all units, once nothing runs any more. */
  close(): Promise<void>;
}

export interface TierHost {
  /** The queue in front of it, which it tells of units that are free and of dispatches that are back. */
  readonly queue: Pick<DispatchQueue<GuestCall>, 'freed' | 'returned' | 'running' | 'waiting'>;
  readonly failures: TierFailures;
  readonly recorder: Pick<Recorder, 'books' | 'workerStarted'>;
}

/** What a tier tells of calls it cannot answer. A call that is settled already may be among them. */
export interface TierFailures {
  /** Its unit ended when it had come so far: 'queue' has not begun, 'return' has finished. */
  lost(call: GuestCall, stage: Stage, cause: unknown): void;
  /** It ran for longer than the deadline; its unit is ended. */
  overran(call: GuestCall, stage: Stage): void;
  /** Its arguments cannot be carried. */
  refused(call: GuestCall, cause: unknown): void;
  /** No unit is left and none could be started, for long enough: nobody should wait for one any more. */
  broken(cause: unknown): void;
}
