/**
 * What waits behind a slow call goes to other workers: it is taken back by its claim word, so that never both run it.
 *
 *   the tick finds a call that runs on (overdue.ts)
 *     'slow', as long as its function usually takes ─▶ to workers that have nothing: others are no sooner done
 *     'stuck', longer than usual                    ─▶ to any worker with room, and its own is given no others
 *   a worker has become idle ─▶ it gets what waits behind calls that run on, at once
 *
 * What is taken back came before most of what the others hold, so how much work they have is no limit for it. How many
 * calls and bytes they hold is: what finds no room stays, and is asked for again a millisecond later.
 */

import type { GuestCall } from '../call.ts';
import { elapsedMs, ticksOf } from '../protocol.ts';
import type { TransportHost } from '../transport.ts';
import type { WorkerUnit } from '../worker-unit.ts';
import { callState, wordOf } from './claim.ts';
import type { RingLink } from './ring-link.ts';
import { chooseUnit, type Routing } from './routing.ts';
import { generationOfId, slotOfId } from './slots.ts';
import { progress } from './worker-memory.ts';

/** So long a call has run before what waits behind it goes to a worker that has just become idle: two of the units its time is counted in. */
const runsOnMs = 0.125;

export class Stealing {
  readonly #host: Pick<TransportHost, 'clock' | 'inUse'>;
  readonly #send: (unit: WorkerUnit, call: GuestCall) => void;
  readonly #rules: () => Routing;

  /**
   * @param depth most calls a worker holds; asked each time
   * @param send sends a call to a unit as the same dispatch that it was
   */
  constructor(
    host: Pick<TransportHost, 'clock' | 'inUse'>,
    depth: () => number,
    send: (unit: WorkerUnit, call: GuestCall) => void,
  ) {
    this.#host = host;
    this.#send = send;
    this.#rules = () => ({ limit: Number.POSITIVE_INFINITY, mayHold: true, holds: 'any', depth: depth() });
  }

  /** A call of this worker runs on. */
  runsOn(link: RingLink, isStuck: boolean): void {
    link.isStuck = isStuck;
    if (link.slots.usedCount < 2) return;
    const others = this.#host.inUse().filter((unit) => unit.link !== null && !unit.isLeaving && unit.link !== link);
    giveAway(link, isStuck ? others : others.filter(({ isIdle }) => isIdle), this.#rules(), this.#send);
  }

  /** A worker has nothing more to do, and others have. */
  helps(idle: WorkerUnit): void {
    const units = this.#host.inUse();
    if (!units.includes(idle)) return;
    const nowMs = this.#host.clock.now();
    for (const { isBusy, link } of units)
      if (isBusy && link !== null && hasRunOn(link, nowMs)) giveAway(link, [idle], this.#rules(), this.#send);
  }
}

/** Takes the calls back that wait with a worker, for those that routing would give them to. */
function giveAway(
  from: RingLink,
  others: readonly WorkerUnit[],
  rules: Routing,
  send: (unit: WorkerUnit, call: GuestCall) => void,
): void {
  if (others.length === 0) return;
  for (const id of from.waiting()) {
    const call = from.slots.contents[slotOfId(id)];
    const unit = chooseUnit(others, rules);
    if (!call || unit === undefined) return;
    if (from.takeBack(id, true)) send(unit, call);
  }
}

/** True where calls wait behind one that runs on. */
function hasRunOn(link: RingLink, nowMs: number): boolean {
  if (link.slots.usedCount < 2) return false;
  const { progress: words, claims } = link.memory;
  const slot = Atomics.load(words, progress.current);
  const call = link.slots.contents[slot] ?? null;
  if (call === null) return false;
  if (Atomics.load(claims, slot) !== wordOf(generationOfId(call.heldAs), callState.running)) return false;
  return elapsedMs(Atomics.load(words, progress.startedTicks), ticksOf(nowMs)) >= runsOnMs;
}
