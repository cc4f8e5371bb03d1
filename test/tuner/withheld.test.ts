/** Knobs that an executor has not, though others of its kind do: a pool of piscina 4 keeps its threads. */
import { Piscina as Piscina4 } from 'piscina4';
import { afterEach, expect, it, vi } from 'vitest';
import { report } from '../../exporters/report/report.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import type { Executor } from '../../src/contracts.ts';
import { sweep } from '../../tuner/sweep.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';
import { withheldNotes, withheldOf } from '../../tuner/withheld.ts';
import { workerFile } from '../adapters/pools.ts';

const open: (AsyncDisposable | Tuner)[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
  vi.restoreAllMocks();
});

const reason = /threads.*does not tell of its workers.*piscina 5 does/s;

function wrapped(idleTimeout = 0): Executor {
  const pool = new Piscina4({ filename: workerFile, minThreads: 1, maxThreads: 1, idleTimeout });
  const made = wrap(pool as never);
  open.push(made);
  return made as Executor;
}

function tuned(executor: Executor, options: object = {}): Tuner {
  const tuner = tune(executor, { stateDir: ':memory:', mode: 'auto', ...options });
  open.push(tuner);
  return tuner;
}

it('a knob that a pool does not offer is refused with the reason: fixed, proposed and as a point of a sweep', async () => {
  expect(() => tuned(wrapped(), { fixed: { threads: 2 } })).toThrow(reason);
  const executor = wrapped();
  const objective = { metric: 'throughput', direction: 'maximize' } as const;
  await expect(sweep(executor, { objective, points: [{ threads: 2 }] })).rejects.toThrow(reason);
  const proposal = tuned(executor).propose({ threads: 2 });
  await expect(proposal).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB', message: expect.stringMatching(reason) });
});

it('the ledger and the report say which knob a pool does not offer, and why', async () => {
  const tuner = tuned(wrapped());
  expect(tuner.history.notes).toContainEqual(
    expect.objectContaining({ code: 'withheld', text: expect.stringMatching(reason) }),
  );
  expect(report(tuner.ledger).markdown).toMatch(reason);
  expect(report(tuner.ledger).html).toMatch(reason);
});

it('knobs that are not offered for one reason are told of in one note', () => {
  const withheld = { depth: 'no ring', threads: 'state', spinUs: 'no ring' };
  expect(withheldNotes({ withheld } as unknown as Executor).map(({ text }) => text)).toEqual([
    'depth, spinUs: no ring',
    'threads: state',
  ]);
});

it('a pool with nothing left to tune is told of with the knobs that it does not offer', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  tuned(wrapped(Number.POSITIVE_INFINITY));
  expect(warned.mock.calls.map(String)).toContainEqual(
    expect.stringMatching(/nothing to tune.*threads is not offered/s),
  );
});

it.each([
  [
    'throws',
    Object.defineProperty({}, 'withheld', {
      get: () => {
        throw new Error('mine');
      },
    }),
    {},
  ],
  ['is a text', { withheld: 'ab' }, { 0: 'a', 1: 'b' }],
  ['has no reasons', { withheld: { a: 1, b: null, '': 'no id' } }, {}],
  ['is too long', { withheld: { a: 'x'.repeat(5000) } }, { a: 'x'.repeat(1024) }],
])("an executor's word on its knobs does no harm that %s", (_, executor, expected) => {
  expect(withheldOf(executor as Executor)).toEqual(expected);
});
