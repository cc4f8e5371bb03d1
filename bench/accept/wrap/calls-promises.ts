/** That each call ends within its bounds, that what waits is told and can be let go, and that the books add up. */
import { wrap } from '../../../src/adapters/wrap.ts';
import { isSandtuneError } from '../../../src/foundation/errors.ts';
import { endOf, type Promised, type Stage, sleep, type Wrapped } from './stage.ts';

const endlessMs = 1e9;

export const callsPromises: readonly Promised[] = [
  {
    says: 'an endless call ends at its deadline, and a pool of one thread then runs the next call',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ maxThreads: 1 }));
      await wrapped.run({});
      stage.same(
        'the endless call',
        await outcomeOf(wrapped.run({ spinMs: endlessMs }, { deadlineMs: 30 })),
        'timeout',
      );
      stage.same('the next call', await endOf(wrapped.run({})), 'ok');
      stage.fires();
      await closed(stage, wrapped);
    },
  },
  {
    says: 'a call that waits for longer than it may is shed and never runs, at a gate and in the queue of the pool',
    of: 'each copy',
    firesARound: 2,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ maxThreads: 1 }), { concurrency: 2 });
      await wrapped.run({});
      const blocker = wrapped.run({ napMs: 60 });
      const shared = new SharedArrayBuffer(8);
      const calls = [1, 2].map((echo) => wrapped.run({ echo, shared }, { maxWaitMs: 10 }));
      for (const call of calls) {
        stage.same('a call that waits', await outcomeOf(call), 'shed');
        stage.fires();
      }
      await blocker;
      stage.same('calls that ran of those', new Int32Array(shared)[1], 0);
      await closed(stage, wrapped);
    },
  },
  {
    says: 'clear() cancels what waits with its reason, at a gate and in the queue of the pool, and no worker gets it',
    of: 'each copy',
    firesARound: 6,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ maxThreads: 1 }), { concurrency: 4 });
      await wrapped.run({});
      const blocker = wrapped.run({ napMs: 20 });
      const shared = new SharedArrayBuffer(8);
      const calls = Array.from({ length: 6 }, () => endOf(wrapped.run({ shared })));
      stage.same('queued before', wrapped.queued, 6);
      stage.same('cleared', wrapped.clear(new RangeError('not now')), 6);
      stage.same('queued after', wrapped.queued, 0);
      for (const end of await Promise.all(calls)) {
        stage.same('a call that waited', end, 'RangeError: not now');
        stage.fires();
      }
      await blocker;
      stage.same('calls that ran of those', new Int32Array(shared)[1], 0);
      await closed(stage, wrapped);
    },
  },
  {
    says: 'a producer that waits for drained() while needsDrain has no call shed by a full queue',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      for (const maxQueue of [0, 2]) {
        const wrapped = stage.wrap(stage.pool({ maxThreads: 1, maxQueue }));
        await wrapped.run({});
        const ends: Promise<string>[] = [];
        for (let call = 0; call < 12; call++) {
          if (wrapped.needsDrain) {
            stage.fires();
            await wrapped.drained();
          }
          ends.push(endOf(wrapped.run({ napMs: 1 })));
        }
        for (const end of await Promise.all(ends)) stage.same('end of a call', end, 'ok');
        await closed(stage, wrapped);
      }
    },
  },
  {
    says: 'close() within a bound cancels what has not ended, in endless workers and behind them',
    of: 'each copy',
    firesARound: 6,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ maxThreads: 2 }), { concurrency: 4 });
      await wrapped.run({});
      const calls = Array.from({ length: 6 }, () => outcomeOf(wrapped.run({ spinMs: endlessMs })));
      await sleep(5);
      await wrapped.close({ withinMs: 30 });
      for (const outcome of await Promise.all(calls)) {
        stage.same('a call that had not ended', outcome, 'cancelled');
        stage.fires();
      }
      closedBooks(stage, wrapped);
    },
  },
  {
    says: 'whatever befalls calls, each settles once, and offered is the sum of outcomes and of what is in flight',
    of: 'each copy',
    firesARound: 60,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ maxThreads: 2, maxQueue: 20 }), { concurrency: 8 });
      const ends: Promise<string>[] = [];
      for (let call = 0; call < 60; call++) {
        const fate = Math.floor(stage.random() * 8);
        const stop = new AbortController();
        const input = fate === 0 ? { fail: 'asked to' } : fate === 1 ? { spinMs: endlessMs } : { napMs: fate % 3 };
        const options =
          fate === 1
            ? { deadlineMs: 1 + 10 * stage.random() }
            : fate === 2
              ? { maxWaitMs: 5 * stage.random() }
              : fate === 3
                ? { signal: stop.signal, idempotent: true }
                : {};
        ends.push(endOf(wrapped.run(input, options)));
        if (fate === 3) void sleep(5 * stage.random()).then(() => stop.abort());
        if (fate === 4 && stage.random() < 0.2) wrapped.clear();
        if (fate === 5) await sleep(2 * stage.random());
        stage.same('offered', sumOf(wrapped), call + 1);
        stage.fires();
      }
      await wrapped.close({ withinMs: 200 });
      stage.same('calls that settled', (await Promise.all(ends)).length, 60);
      closedBooks(stage, wrapped);
    },
  },
  {
    says: 'with freeOnCancel a call that was given up holds no place of a gate, without it until its work ends',
    of: 'no copy',
    firesARound: 2,
    async play(stage) {
      for (const freeOnCancel of [true, false]) {
        const work = Promise.withResolvers<void>();
        const wrapped = wrap((isStuck: boolean) => (isStuck ? work.promise : undefined), {
          concurrency: 1,
          freeOnCancel,
        });
        const stuck = outcomeOf(wrapped.run(true, { deadlineMs: 5 }));
        const next = endOf(wrapped.run(false));
        stage.same('the call that was given up', await stuck, 'timeout');
        stage.same('calls that wait', wrapped.queued, freeOnCancel ? 0 : 1);
        work.resolve();
        stage.same('the next call', await next, 'ok');
        stage.fires();
        await wrapped.close();
      }
    },
  },
];

/** The outcome that the error of a call tells; 'ok', or what else it rejected with. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (isSandtuneError(error) ? String(error.outcome) : String(error)),
  );
}

async function closed(stage: Stage, wrapped: Wrapped): Promise<void> {
  await wrapped.close();
  closedBooks(stage, wrapped);
}

function closedBooks(stage: Stage, wrapped: Wrapped): void {
  stage.same('calls in flight after close()', wrapped.totals().inFlight, 0);
  stage.same('calls that wait after close()', wrapped.queued, 0);
}

/** The sum of outcomes and of what is in flight. */
function sumOf(wrapped: Wrapped): number {
  const { outcomes, inFlight } = wrapped.totals();
  return Object.values(outcomes).reduce((sum, count) => sum + count, inFlight);
}
