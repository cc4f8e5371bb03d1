/** Whatever callers, the function and the knobs do: each call settles once, and the books add up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import type { Outcome } from '../../src/contracts.ts';
import { isSandtuneError } from '../../src/foundation/errors.ts';
import { accountOf, apply } from './pools.ts';

interface Behaviour {
  readonly turns: number;
  readonly fails: boolean;
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      turns: fc.nat(4),
      fails: fc.boolean(),
      cancelAfter: fc.option(fc.nat(4)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('concurrency' as const), value: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('batchSize' as const), value: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'turn' as const }) },
);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await turn();
};
const failure = new Error('asked to fail');
const reason = new Error('gave up');

function outcomeSeen(result: PromiseSettledResult<unknown>): Outcome {
  if (result.status === 'fulfilled') return 'ok';
  if (result.reason === failure) return 'trap';
  if (result.reason === reason) return 'cancelled';
  if (isSandtuneError(result.reason) && result.reason.outcome) return result.reason.outcome;
  throw result.reason;
}

describe('accounting of a wrapped function', () => {
  it('a wrapped function has offered = settled + in flight at every moment, and the outcomes its callers saw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(40),
        async (steps, inBatches, endsEach, closeAt) => {
          const one = async ({ turns: count, fails }: Behaviour) => {
            await turns(count);
            if (fails) throw failure;
            return count;
          };
          const options = { concurrency: { value: 2, max: 4 }, maxQueue: 6 };
          const executor = inBatches
            ? wrap((inputs: Behaviour[]) => (endsEach ? inputs.map(one) : Promise.all(inputs.map(one))), {
                ...options,
                batch: { size: 3, lingerMs: 1 },
              })
            : wrap(one, options);
          using open = executor.openWindow();
          const calls: Promise<unknown>[] = [];
          let closing: Promise<void> | undefined;
          for (const [index, action] of steps.entries()) {
            if (index === closeAt) closing = executor.close();
            if (action.do === 'run') {
              const stop = new AbortController();
              const call = executor.run(action, action.cancelAfter === null ? {} : { signal: stop.signal });
              call.catch(() => {});
              calls.push(call);
              if (action.cancelAfter !== null) void turns(action.cancelAfter).then(() => stop.abort(reason));
            } else if (action.do === 'turn') await turn();
            else if (action.do === 'concurrency' || inBatches)
              await apply(executor, action.do, action.value).catch(() => {});
            const now = accountOf(executor);
            expect(now.offered).toBe(now.settled + now.inFlight);
          }
          const results = await Promise.allSettled(calls);
          await (closing ?? executor.close());
          const seen: Record<string, number> = {};
          for (const result of results) seen[outcomeSeen(result)] = (seen[outcomeSeen(result)] ?? 0) + 1;
          const end = accountOf(executor);
          expect(end).toMatchObject({ offered: calls.length, settled: calls.length, inFlight: 0, outcomes: seen });
          const window = open.cut();
          expect(window.offered).toBe(calls.length);
          expect(window.unfinished.count).toBe(0);
          expect(Object.values(window.outcomes).reduce((sum, count) => sum + count, 0)).toBe(calls.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
