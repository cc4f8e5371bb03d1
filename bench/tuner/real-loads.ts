/** Real executors under a closed load, each with what its user would ask for and the settings worth a look. */
import { availableParallelism } from 'node:os';
import type { Executor, Objective, Settings } from '../../src/contracts.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { createSandbox, wrap } from '../../src/index.ts';
import type { GoalWords } from '../../tuner/goal.ts';
import { objective as demoObjective, goLive, sloMs } from '../accept/live.ts';
import { guestBytes } from '../core/guest.ts';

export interface RealLoad {
  readonly name: string;
  readonly goal: GoalWords;
  readonly start: (seed: number) => Promise<RunningLoad>;
}

interface RunningLoad extends AsyncDisposable {
  readonly executor: Executor;
  readonly objective: Objective;
  readonly grid: readonly Settings[];
}

const throughput: Objective = { metric: 'throughput', direction: 'maximize' };
const threads = [1, 2, 3, 4].filter((count) => count <= 2 * availableParallelism());
const pools = threads.flatMap((count) => [1, 8, 32, 128].map((batchSize) => ({ threads: count, batchSize })));

export const realLoads: readonly RealLoad[] = [
  {
    name: 'cpu-bound',
    goal: { maximize: 'throughput' },
    start: async () => {
      const sandbox = await createSandbox({
        name: 'bound',
        guests: { work: { module: await guestBytes() } },
        load: 'closed',
        transport: 'message',
      });
      const work = sandbox.function('work');
      return running(sandbox, throughput, pools, 64, () => work(20_000));
    },
  },
  {
    name: 'waiting',
    goal: { maximize: 'throughput' },
    start: async () => {
      const piscina = { filename: new URL('./waiting-worker.ts', import.meta.url).href, minThreads: 2, maxThreads: 2 };
      const pool = wrap<number, number>({ piscina }, { name: 'waiting', load: 'closed' });
      const most = 4 * availableParallelism();
      const grid = Array.from({ length: most }, (_, i) =>
        [1, 4, 16].map((callsPerThread) => ({ threads: i + 1, callsPerThread })),
      ).flat();
      return running(pool, throughput, grid, 32, () => pool.run(5));
    },
  },
  {
    name: 'mixed',
    goal: { maximize: 'goodput', sloMs },
    start: async (seed) => {
      const live = await goLive(seed, 'message');
      return {
        executor: live.sandbox,
        objective: demoObjective,
        grid: pools,
        [Symbol.asyncDispose]: () => live[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: 'slow-client',
    goal: { maximize: 'throughput' },
    start: () => {
      let atWork = 0;
      // Beyond eight at once the service loses more than it wins.
      const service = async (ms: number) => {
        atWork++;
        await systemTimers.sleep(ms * (1 + 0.25 * Math.max(0, atWork - 8)), { keepAlive: true });
        atWork--;
        return ms;
      };
      const client = wrap(service, { name: 'slow client', concurrency: 32, load: 'closed' });
      const grid = [1, 2, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64].map((concurrency) => ({ concurrency }));
      return Promise.resolve(running(client, throughput, grid, 64, () => client.run(20)));
    },
  },
];

function running(
  executor: Executor,
  objective: Objective,
  grid: readonly Settings[],
  inFlight: number,
  call: () => Promise<unknown>,
): RunningLoad {
  const over = new AbortController();
  const loops = Array.from({ length: inFlight }, async () => {
    while (!over.signal.aborted) await call();
  });
  return {
    executor,
    objective,
    grid,
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await Promise.all(loops);
      await executor.close();
    },
  };
}
