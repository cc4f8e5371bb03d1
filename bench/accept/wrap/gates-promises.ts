/** That a gate leaves no trace, and that a call ends as it would have on the bare pool. */
import { wrap } from '../../../src/adapters/wrap.ts';
import type { Promised } from './stage.ts';
import { endOf, sleep } from './stage.ts';

/** Calls of one caller, one after the other. */
const inTurn = 50;

export const gatesPromises: readonly Promised[] = [
  {
    says: 'one caller that makes one call after the other is never shed by a pool without a queue',
    of: 'each copy',
    firesARound: inTurn,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ minThreads: 1, maxThreads: 1, maxQueue: 0 }), { concurrency: 1 });
      await wrapped.run({});
      for (let call = 0; call < inTurn; call++) {
        stage.same('end of a call', await endOf(wrapped.run({ echo: call })), 'ok');
        stage.fires();
      }
    },
  },
  {
    says: 'one caller that makes one call after the other is never shed by a gate without a queue',
    of: 'no copy',
    firesARound: inTurn,
    async play(stage) {
      const wrapped = wrap((ms: number) => sleep(ms), { concurrency: 1, maxQueue: 0 });
      for (let call = 0; call < inTurn; call++) {
        stage.same('end of a call', await endOf(wrapped.run(call % 2)), 'ok');
        stage.fires();
      }
      await wrapped.close();
    },
  },
];
