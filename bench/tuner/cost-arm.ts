/** A process with an open load of calls that wait, with a tuner or without: the CPU it took, as a share of one. */
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import type { Entries } from '../arms/entries.ts';
import type { OpenArm } from '../compare.ts';

export interface CostSpec {
  /** Folder of the tuner's ledger; null: there is no tuner. */
  readonly stateDir: string | null;
}

export const costName = 'cost';
const everyMs = 10;
const callsAtOnce = 5;
const waitMs = 4;

export async function openArm({ stateDir }: CostSpec, entries: Entries): Promise<OpenArm> {
  const { wrap } = await entries.sandtune();
  const { tune } = await entries.tuner();
  const wait = async (ms: number) => {
    await systemTimers.sleep(ms, { keepAlive: true });
    return ms;
  };
  const executor = wrap(wait, { name: costName, concurrency: 8 });
  const tuner = stateDir === null ? null : tune(executor, { mode: 'auto', minimize: 'mean', stateDir });
  const over = new AbortController();
  const load = (async () => {
    while (!over.signal.aborted) {
      for (let i = 0; i < callsAtOnce; i++) executor.run(waitMs).catch(() => undefined);
      await systemTimers.sleep(everyMs, { keepAlive: true });
    }
  })();
  return {
    measure: async (seconds) => {
      const before = process.cpuUsage();
      const startMs = systemClock.now();
      await systemTimers.sleep(1000 * seconds, { keepAlive: true });
      const { user, system } = process.cpuUsage(before);
      return { 'cpu-fraction': (user + system) / 1000 / (systemClock.now() - startMs) };
    },
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await load;
      await tuner?.[Symbol.asyncDispose]();
      await executor.close();
    },
  };
}
