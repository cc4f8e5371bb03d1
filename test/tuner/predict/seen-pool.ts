/** A `Seen` of a simulated pool of workers, measured at the settings a test asks for. */
import { measureAll } from '../../../bench/worlds/measure.ts';
import { poolWorld } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Seen, Settings, Window } from '../../../src/contracts.ts';
import { seenOf } from './campaign.ts';

export const pool: Pool = {
  cores: 4,
  inFlight: 256,
  hostPerBatch: 0.03,
  hostPerCall: 0.003,
  wakeUp: 0.05,
  workerPerBatch: 0.04,
  workerPerCall: 0.02,
  guestWait: 0,
  guestShare: 0.8,
};

export const start = { threads: 6, batchSize: 1 };

/** `count` windows at `settings`, which are in force, and at each of `others`. */
export async function seenAt(
  settings: Settings,
  others: readonly Settings[] = [],
  of: Pool = pool,
  count = 10,
): Promise<Seen> {
  const world = createWorld(poolWorld(of), 5);
  const windows: Window[] = [];
  for (const one of [settings, ...others]) windows.push(...(await measureAll(world, one, count)));
  return seenOf(of, windows, settings);
}
