/** That what a dying worker takes along is known by its end, and that a wrapped pool takes what the pool takes. */
import { EventEmitter, getEventListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { Dying } from './dying-worker.ts';
import { endOf, type Promised, type Stage, sleep, Withheld } from './stage.ts';

const deaths = ['exit', 'exit 0', 'throw', 'reject', 'memory', 'answer'] as const satisfies readonly Dying['dies'][];
/** What piscina says of a call whose worker died, or that it refused. */
const texts = ['Terminating worker thread', 'worker exited with code: 1', 'Task queue is at limit'];
/** Calls that share one signal. */
const sharing = 500;

/** A pool whose one worker has several calls at a time, so that they die together. */
function dyingPool(stage: Stage, callsPerThread = 4) {
  return stage.pool({
    filename: new URL('./dying-worker.ts', import.meta.url).href,
    maxThreads: 1,
    concurrentTasksPerWorker: callsPerThread,
    resourceLimits: { maxOldGenerationSizeMb: 24 },
  });
}

export const poolsPromises: readonly Promised[] = [
  {
    says: 'whatever a worker dies of, its calls are lost, and those that may be are run once more',
    of: 'each copy',
    firesARound: deaths.length,
    async play(stage) {
      for (const dies of deaths) {
        const wrapped = stage.wrap(dyingPool(stage));
        await wrapped.run({});
        const neighbour = (echo: string) => wrapped.run({ echo, napMs: 50 }, { idempotent: true });
        const ends = await Promise.all(
          [neighbour('a'), wrapped.run({ dies, napMs: 10 }), neighbour('b')].map((call) => endOf(call)),
        );
        stage.same(`neighbours of a worker that died of ${dies}`, [ends[0], ends[2]], ['ok', 'ok']);
        const { ok, lost, trap } = wrapped.totals().outcomes;
        stage.same(`outcomes beside ${dies}`, { ok, lost, trap }, { ok: 3, lost: 1, trap: 0 });
        stage.fires();
      }
    },
  },
  {
    says: 'a call that throws the words of a dead worker is a trap, and is not repeated',
    of: 'each copy',
    firesARound: texts.length,
    async play(stage) {
      const wrapped = stage.wrap(dyingPool(stage));
      for (const fail of texts) {
        const runs = new SharedArrayBuffer(4);
        await endOf(wrapped.run({ fail, runs }, { idempotent: true }));
        stage.same(`runs of a call that threw '${fail}'`, new Int32Array(runs)[0], 1);
        stage.fires();
      }
      stage.same('traps', wrapped.totals().outcomes.trap, texts.length);
    },
  },
  {
    says: 'a generator that a function of a pool gives is a trap that says so, and is not tried again',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ maxThreads: 1 }));
      const end = await endOf(wrapped.run({}, { name: 'numbers', idempotent: true }));
      stage.same('what is said of a generator', end.includes("'numbers': expected a result, got a generator"), true);
      const { trap, lost } = wrapped.totals().outcomes;
      stage.same('outcomes', { trap, lost }, { trap: 1, lost: 0 });
      stage.same('the next call', await endOf(wrapped.run({})), 'ok');
      stage.fires();
    },
  },
  {
    says: 'an input that was moved to a worker that died is lost, and its call is not repeated',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const pool = dyingPool(stage, 1);
      const wrapped = stage.wrap(pool);
      await wrapped.run({});
      const [runs, echo] = [new SharedArrayBuffer(4), new ArrayBuffer(8)];
      const end = endOf(wrapped.run({ echo, runs, napMs: 60_000 }, { transferList: [echo], idempotent: true }));
      await stage.until('the call runs', () => new Int32Array(runs)[0] === 1);
      await pool.threads[0]?.terminate();
      await end;
      stage.same('runs', new Int32Array(runs)[0], 1);
      stage.same('lost', wrapped.totals().outcomes.lost, 1);
      stage.fires();
    },
  },
  {
    says: 'a signal may be null, an AbortSignal or an event emitter, and a call ends by it as on the bare pool',
    of: 'each copy',
    firesARound: 3,
    async play(stage) {
      const bare = stage.pool();
      const wrapped = stage.wrap(stage.pool());
      for (const make of [() => null, () => new AbortController(), () => new EventEmitter()]) {
        const ends = [];
        for (const run of [bare.run.bind(bare), wrapped.run.bind(wrapped)]) {
          const by = make();
          const signal = (by instanceof AbortController ? by.signal : by) as AbortSignal | null;
          const end = endOf(run({ napMs: by ? 60_000 : 1 }, { signal }));
          await sleep(20);
          if (by instanceof AbortController) by.abort();
          else by?.emit('abort');
          ends.push(await end);
        }
        stage.same('end', ends[1], ends[0]);
        stage.fires();
      }
    },
  },
  {
    says: 'calls that share a signal put one listener on it, and leave none there',
    of: 'each copy',
    firesARound: sharing,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool());
      const { signal } = new AbortController();
      const calls = Array.from({ length: sharing }, () => wrapped.run({}, { signal }));
      stage.same('listeners', getEventListeners(signal, 'abort').length, 1);
      await Promise.all(calls);
      stage.same('listeners afterwards', getEventListeners(signal, 'abort').length, 0);
      stage.fires(sharing);
    },
  },
  {
    says: 'calls that name their file are counted apart by file',
    of: 'each copy',
    firesARound: 6,
    async play(stage) {
      const folder = await mkdtemp(join(tmpdir(), 'sandtune-wrap-'));
      try {
        const files = ['slow.mjs', 'fast.mjs'].map((name) => join(folder, name)) as [string, string];
        for (const file of files) await writeFile(file, 'export default () => 1;');
        const wrapped = stage.wrap(stage.pool());
        using open = wrapped.openWindow();
        for (const filename of [...files, ...files, ...files]) {
          await wrapped.run(0, { filename });
          stage.fires();
        }
        const counted = Object.entries(open.cut().byFunction).map(([name, { outcomes }]) => [name, outcomes.ok]);
        stage.same('calls by file', counted, [
          ['slow.mjs', 3],
          ['fast.mjs', 3],
        ]);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  },
  {
    says: 'ports and streams reach the worker, also after they have waited at a gate',
    of: 'each copy',
    firesARound: 2,
    async play(stage) {
      const filename = new URL('./port-worker.ts', import.meta.url).href;
      const wrapped = stage.wrap(stage.pool({ filename, maxThreads: 1 }), { concurrency: 1 });
      const { port1, port2 } = new MessageChannel();
      port1.on('message', (word) => port1.postMessage(`${word}, go`));
      const stream = new Blob(['abc']).stream();
      const said = await Promise.all([
        wrapped.run({ port: port2 }, { transferList: [port2] }),
        wrapped.run({ stream }, { transferList: [stream as never] }),
      ]);
      stage.same('what came back', said, ['ready, go', 'abc']);
      stage.fires(2);
    },
  },
  {
    says: 'a trial of threads is made ready, or says why not',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ idleTimeout: 1000 }));
      const threads = wrapped.knobs.find(({ id }) => id === 'threads');
      if (!threads) throw new Withheld(wrapped.withheld['threads'] ?? 'without a word');
      await using _warm = await threads.keepWarm(1, 3);
      for (const value of [3, 1, 2]) await threads.apply(value);
      stage.fires();
    },
  },
];
