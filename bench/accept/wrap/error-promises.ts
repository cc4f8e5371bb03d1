/** That a call of a wrapped pool ends with what the pool throws, whatever became of it, and that it is counted for what it is. */
import type { PiscinaRunOptions } from '../../../src/adapters/piscina/piscina-shape.ts';
import { type Promised, type Stage, sleep } from './stage.ts';

type Run = (input: unknown, options?: PiscinaRunOptions) => Promise<unknown>;
interface ErrorCase {
  readonly what: string;
  readonly outcome: string;
  readonly play: (run: Run) => Promise<unknown>;
}

const reason = new Error('enough');
const wrong = (options: unknown) => (run: Run) => run({}, options as PiscinaRunOptions);

const cases: readonly ErrorCase[] = [
  { what: 'options that are none', outcome: 'rejected', play: wrong(5) },
  { what: 'options that are null', outcome: 'rejected', play: wrong(null) },
  { what: 'a transfer list that is none', outcome: 'rejected', play: wrong({ transferList: 5 }) },
  { what: 'a filename that is none', outcome: 'rejected', play: wrong({ filename: 5 }) },
  { what: 'a name that is none', outcome: 'rejected', play: wrong({ name: 5 }) },
  { what: 'a signal that is none', outcome: 'rejected', play: wrong({ signal: 5 }) },
  { what: 'a signal that had fired', outcome: 'cancelled', play: wrong({ signal: AbortSignal.abort(reason) }) },
  {
    what: 'a signal that fires while the call runs',
    outcome: 'cancelled',
    play: async (run) => {
      const shared = new SharedArrayBuffer(8);
      const abort = new AbortController();
      const call = run({ shared, napMs: 60_000 }, { signal: abort.signal });
      call.catch(() => {});
      while (Atomics.load(new Int32Array(shared), 0) === 0) await sleep(1);
      abort.abort(reason);
      return call;
    },
  },
  {
    what: 'a signal that fires while the call waits',
    outcome: 'cancelled',
    play: async (run) => {
      const abort = new AbortController();
      const before = run({ napMs: 30 });
      const call = run({}, { signal: abort.signal });
      call.catch(() => {});
      await Promise.resolve();
      abort.abort(reason);
      await before;
      return call;
    },
  },
  { what: 'an input that cannot be cloned', outcome: 'rejected', play: (run) => run({ echo: () => 1 }) },
  { what: 'what the function threw', outcome: 'trap', play: (run) => run({ fail: 'too far' }) },
];

export const errorPromises: readonly Promised[] = [
  {
    says: 'a call is rejected with what the pool throws, also one that waits at a gate of ours',
    of: 'each copy',
    firesARound: 2 * cases.length,
    async play(stage) {
      for (const one of cases) {
        const bare = await endOn(stage, one, (pool) => pool);
        stage.same(`${one.what}: the pool itself`, bare.startsWith('rejects'), true);
        for (const options of [{}, { concurrency: 1 }]) {
          let outcomes: Readonly<Record<string, number>> = {};
          const wrapped = await endOn(stage, one, (pool) => {
            const made = stage.wrap(pool, options);
            return {
              run: (input, given) => made.run(input, given),
              ended: () => {
                ({ outcomes } = made.totals());
              },
            };
          });
          stage.same(one.what, wrapped, bare);
          stage.same(`${one.what}: ${one.outcome}`, outcomes[one.outcome], 1);
          stage.fires();
        }
      }
    },
  },
];

interface Running {
  run: Run;
  ended?: () => void;
}

async function endOn(stage: Stage, { play }: ErrorCase, on: (pool: ReturnType<Stage['pool']>) => Running) {
  const pool = stage.pool({ minThreads: 1, maxThreads: 1 });
  const running = on(pool);
  try {
    return `resolves with ${String(await play((input, options) => running.run(input, options)))}`;
  } catch (error) {
    return `rejects with ${described(error)}`;
  } finally {
    running.ended?.();
    await pool.destroy();
  }
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause } = error;
  return `${error.constructor.name} ${name}: ${message}, cause ${cause instanceof Error ? cause.message : String(cause)}`;
}
