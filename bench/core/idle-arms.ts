/** Pools that have nothing to do, and what of a CPU their process takes meanwhile. */
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import type { Entries } from '../arms/entries.ts';
import type { OpenArm } from '../compare.ts';
import { type AlikeSpec, armOf } from './alike/arms.ts';
import { runAlike } from './alike/load.ts';
import type { Bytes } from './alike/request.ts';

export interface IdleSpec {
  /** null: the process alone. */
  readonly arm: AlikeSpec | null;
  readonly bytes: Bytes;
}

/** What is left over of the calls before, such as a collection of garbage, is no part of resting. */
const settleMs = 200;

export async function openArm({ arm: spec, bytes }: IdleSpec, entries: Entries): Promise<OpenArm> {
  const arm = spec === null ? null : await armOf(spec, bytes, undefined, entries);
  if (arm !== null) await runAlike(arm, { turns: 100, inFlight: 64, timedEvery: 16 }, 100);
  const measure = async (forMs: number) => {
    await systemTimers.sleep(settleMs, { keepAlive: true });
    const before = process.cpuUsage();
    const startMs = systemClock.now();
    await systemTimers.sleep(forMs, { keepAlive: true });
    const { user, system } = process.cpuUsage(before);
    return { 'cpu-fraction': (user + system) / 1000 / (systemClock.now() - startMs) };
  };
  return {
    measure,
    [Symbol.asyncDispose]: async () => {
      await arm?.close();
    },
  };
}
