/** The calls that a worker had when it ended, and has not answered. */
import type { TransportHost } from '../transport.ts';
import { stageOf, stateOf } from './claim.ts';
import type { RingLink } from './ring-link.ts';
import { slotOfId } from './slots.ts';
import { progress } from './worker-memory.ts';

/** Leaves each to the recovery with the stage its claim tells, and gives their dispatches back. */
export function recoverAll(link: RingLink, host: TransportHost, cause: unknown): void {
  const { queue, failures } = host;
  let dispatches = 0;
  const entered = link.memory.progress[progress.entered] === 1;
  for (const id of link.slots.ids()) {
    const slot = slotOfId(id);
    const call = link.slots.contents[slot];
    const state = stateOf(Atomics.load(link.memory.claims, slot));
    if (link.release(id)) dispatches++;
    if (call) queue.left(call);
    if (call) failures.lost(call, stageOf(state, entered), cause);
  }
  for (let i = 0; i < dispatches; i++) queue.returned(null);
  host.changed();
}
