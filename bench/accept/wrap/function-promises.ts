/** That a wrapped function is called as it would be, whoever calls it and from where. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { wrap } from '../../../src/adapters/wrap.ts';
import type { Executor } from '../../../src/contracts.ts';
import { endOf, type Promised } from './stage.ts';

const callers = 20;

export const functionPromises: readonly Promised[] = [
  {
    says: 'calls that await calls of their own executor end, though all of its places are had by callers',
    of: 'no copy',
    firesARound: callers,
    async play(stage) {
      const tree: Executor<number, number> = wrap(
        async (depth: number): Promise<number> =>
          depth === 0 ? 1 : (await Promise.all([tree.run(depth - 1), tree.run(depth - 1)])).length,
        { concurrency: 2 },
      );
      for (const end of await Promise.all(Array.from({ length: callers }, () => endOf(tree.run(3))))) {
        stage.same('end of a caller', end, 'ok');
        stage.fires();
      }
    },
  },
  {
    says: 'a batch runs in the async context of wrap(), never in that of a call in it',
    of: 'no copy',
    firesARound: callers / 2,
    async play(stage) {
      const context = new AsyncLocalStorage<string>();
      const batches = context.run('wrap', () =>
        wrap(
          async (inputs: number[]) => {
            stage.same('context of a batch', context.getStore(), 'wrap');
            stage.fires();
            return inputs;
          },
          { batch: { size: 2, lingerMs: 1 }, concurrency: 1 },
        ),
      );
      await Promise.all(
        Array.from({ length: callers }, (_, call) => context.run(`call ${call}`, () => batches.run(1))),
      );
      await batches.close();
    },
  },
  {
    says: 'a call runs in the async context of its caller, also after it has waited at a gate',
    of: 'no copy',
    firesARound: callers,
    async play(stage) {
      const context = new AsyncLocalStorage<number>();
      const wrapped = wrap(async () => context.getStore(), { concurrency: 1 });
      const seen = Array.from({ length: callers }, (_, call) => context.run(call, () => wrapped.run(undefined)));
      for (const [call, came] of (await Promise.all(seen)).entries()) {
        stage.same('context of a call', came, call);
        stage.fires();
      }
      await wrapped.close();
    },
  },
  {
    says: 'a generator is refused, and none is measured as if it had done its work',
    of: 'no copy',
    firesARound: 2,
    async play(stage) {
      async function* lines() {
        yield 1;
      }
      const refused = await endOf((async () => (wrap as (target: unknown) => unknown)(lines))());
      stage.same('wrap() of one is refused', refused.startsWith('SandtuneError: '), true);
      stage.fires();
      const gives = wrap(async () => lines());
      await endOf(gives.run(undefined));
      stage.same('a call that gives one', gives.totals().outcomes.trap, 1);
      stage.fires();
      await gives.close();
    },
  },
];
