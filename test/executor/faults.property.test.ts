/** Whatever goes wrong, in whatever order: every call settles once, nothing is unhandled, and the books add up. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { measured } from '../../src/executor/measured.ts';
import type { MeasuredExecutor } from '../../src/executor/measured-executor.ts';
import { accountOf, apply } from '../adapters/pools.ts';

const bomb = () => {
  throw new Error('not to be read');
};
const unreadable = () => new Proxy({}, { get: bomb, getPrototypeOf: bomb, has: bomb });

/** What the work of a call does, by name. */
const works = {
  value: () => 1,
  late: async () => turn().then(turn),
  throws: () => {
    throw new RangeError('asked to');
  },
  throwsUnreadable: () => {
    throw unreadable() as Error;
  },
  rejects: async () => Promise.reject(new RangeError('asked to')),
  never: () => new Promise(() => {}),
  unreadable,
  throwingThen: () => ({
    get then() {
      return bomb();
    },
  }),
  thenThrows: () => ({ then: bomb }),
  thenNever: () => ({ then() {} }),
  thenTwice: () => ({
    then: (resolve: (n: number) => void, reject: (e: Error) => void) => {
      resolve(1);
      reject(new Error('late'));
    },
  }),
} satisfies Record<string, () => unknown>;
type Work = keyof typeof works;

/** Signals and stand-ins for them, by name; each gets a function that fires it. */
const signals = {
  none: () => ({}),
  real: (fires: (fire: () => void) => void) => {
    const stop = new AbortController();
    fires(() => stop.abort('gave up'));
    return { signal: stop.signal };
  },
  fired: () => ({ signal: AbortSignal.abort('before') }),
  cannotBeLeft: () => ({ signal: { aborted: false, addEventListener() {}, removeEventListener: bomb } }),
  cannotBeHeard: () => ({ signal: { aborted: false, addEventListener: bomb, removeEventListener() {} } }),
  firesAtOnce: () => ({
    signal: {
      aborted: false,
      addEventListener: (_: string, heard: unknown) => hear(heard),
      removeEventListener() {},
    },
  }),
  unreadable: () => ({ signal: unreadable() }),
  noReason: (fires: (fire: () => void) => void) => ({
    signal: {
      aborted: false,
      get reason() {
        return bomb();
      },
      addEventListener: (_: string, heard: unknown) => fires(() => hear(heard)),
      removeEventListener() {},
    },
  }),
  unreadableOptions: () => unreadable(),
} satisfies Record<string, (fires: (fire: () => void) => void) => object>;

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      work: fc.constantFrom(...(Object.keys(works) as Work[])),
      signal: fc.constantFrom(...(Object.keys(signals) as (keyof typeof signals)[])),
      limits: fc.record(
        {
          deadlineMs: fc.constantFrom(1, 20, 0, Number.NaN),
          maxWaitMs: fc.constantFrom(0, 5, -1, Infinity),
          idempotent: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const), ms: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), value: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('close' as const), withinMs: fc.constantFrom(undefined, 0, 30, -1) }),
  },
);

const kinds = ['one', 'batch', 'each', 'measured'] as const;

function executorOf(kind: (typeof kinds)[number], freeOnCancel: boolean, time: ReturnType<typeof manualTime>) {
  const surroundings = { clock: time.clock, timers: time.timers };
  const options = { concurrency: { value: 2, max: 4 }, maxQueue: 6, freeOnCancel, surroundings };
  const one = (work: Work) => works[work]() as number;
  if (kind === 'one') return wrap(one, options);
  if (kind === 'batch') return wrap((all: Work[]) => mapped(all, one), { ...options, batch: { size: 3, lingerMs: 1 } });
  if (kind === 'measured') return measured({ name: 'faults', surroundings, run: one });
  return wrap(async (all: Work[]) => all.map(async (work) => one(work)), { ...options, batch: { size: 3 } });
}

/** As `map()`, without leaving a rejection to nobody where a later one throws at once. */
function mapped(all: readonly Work[], one: (work: Work) => number): number[] {
  const given: number[] = [];
  try {
    for (const work of all) given.push(one(work));
    return given;
  } catch (error) {
    void Promise.allSettled(given.map((each) => Promise.resolve(each)));
    throw error;
  }
}

it('every call settles once and offered is the sum of outcomes and of what is in flight, whatever fails when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...kinds),
      fc.boolean(),
      fc.array(step, { maxLength: 40 }),
      async (kind, freeOnCancel, steps) => {
        const time = manualTime();
        const executor = executorOf(kind, freeOnCancel, time) as MeasuredExecutor<Work, unknown>;
        const waiting: (() => void)[] = [];
        const calls: Promise<unknown>[] = [];
        const ends: Promise<unknown>[] = [];
        for (const action of steps) {
          if (action.do === 'run') {
            const options = signals[action.signal]((fire) => waiting.push(fire));
            const given = action.signal === 'unreadableOptions' ? options : { ...options, ...action.limits };
            calls.push(executor.run(action.work, given).catch(() => {}));
          } else if (action.do === 'turn') {
            time.advance(action.ms);
            waiting.shift()?.();
            await turn();
          } else if (action.do === 'clear') executor.clear(unreadable());
          else if (action.do === 'move') {
            if (kind !== 'measured') await apply(executor, 'concurrency', action.value).catch(() => {});
          } else ends.push(executor.close({ withinMs: action.withinMs as number }).catch(() => {}));
          const { offered, settled, inFlight } = accountOf(executor);
          expect([offered, settled + inFlight]).toEqual([calls.length, calls.length]);
          expect(executor.queued).toBeLessThanOrEqual(inFlight);
        }
        await executor.close({ withinMs: 50 });
        await Promise.all([...calls, ...ends]);
        expect(accountOf(executor)).toMatchObject({ offered: calls.length, settled: calls.length, inFlight: 0 });
        expect([executor.queued, await executor.drained()]).toEqual([0, undefined]);
        await turn();
      },
    ),
    { numRuns: 60 },
  );
});

function hear(heard: unknown): void {
  if (typeof heard === 'function') heard();
  else (heard as { handleEvent(): void }).handleEvent();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
