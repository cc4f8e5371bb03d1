/**
 * Random histories of calls, changes and windows against a book that simply writes everything down.
 * Whatever is open, however it is cut: offered + backlog at start = settled + backlog at end.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Outcome, outcomes, type Window } from '../../src/contracts.ts';
import { Call } from '../../src/measure/call.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { bench } from './support.ts';

interface Flying {
  readonly name: string;
  readonly epoch: number;
  readonly offeredMs: number;
  readonly call: Call;
}

interface Settled extends Flying {
  readonly outcome: Outcome;
  readonly latencyMs: number;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('offer' as const), name: fc.constantFrom('f', 'g', 'h') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      pick: fc.nat(),
      outcome: fc.constantFrom(...outcomes, 'ok' as const, 'ok' as const, 'ok' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dispose' as const), pick: fc.nat() }) },
);

it('every window of every history balances and holds exactly the calls of its time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const { recorder, time, offer } = bench();
      const flying: Flying[] = [];
      let changedMs = time.clock.now();
      let settledCount = 0;
      // Where no call settled since a window ended, the next one knows of those that this left in flight.
      let left = { epoch: -1, settledCount: -1, aged: 0 };
      // The book: what happened since each open window began.
      const open: {
        window: ReturnType<typeof recorder.openWindow>;
        offered: number;
        settled: Settled[];
        backlog: number;
        epoch: number;
        aged: number;
      }[] = [];

      const check = (window: Window, book: (typeof open)[number]) => {
        expect(window.offered + window.backlogAtStart).toBe(settledOf(window.outcomes) + window.backlogAtEnd);
        expect(window.offered).toBe(book.offered);
        expect(window.backlogAtStart).toBe(book.backlog);
        expect(window.backlogAtEnd).toBe(flying.length);
        expect(window.epoch).toBe(recorder.books.epoch);
        expect(window.steady).toBe(book.epoch === recorder.books.epoch);
        for (const outcome of outcomes) {
          expect(window.outcomes[outcome]).toBe(book.settled.filter((call) => call.outcome === outcome).length);
        }
        const timed = book.settled.filter((call) => call.outcome === 'ok' && call.epoch === window.epoch);
        expect(window.latency.count).toBe(timed.length);
        expect(window.latency.sumMs).toBeCloseTo(
          timed.reduce((sum, call) => sum + call.latencyMs, 0),
          6,
        );
        for (const name of ['f', 'g', 'h']) {
          const own = book.settled.filter((call) => call.name === name);
          expect(settledOf(window.byFunction[name]?.outcomes ?? settledNothing)).toBe(own.length);
          expect(window.byFunction[name]?.latency.count ?? 0).toBe(timed.filter((call) => call.name === name).length);
        }
        // Ages are kept by slots of 2 ms: of calls offered in the one of the change, none is counted.
        const aged = flying.filter((call) => Math.floor(call.offeredMs / 2) > Math.floor(changedMs / 2)).length;
        expect(window.unfinished.count).toBe(aged);
        expect(window.carried.count).toBe(window.steady ? book.aged : 0);
        book.aged = aged;
        left = { epoch: window.epoch, settledCount, aged };
        expect(JSON.parse(JSON.stringify(window))).toStrictEqual(window);
      };

      for (const next of steps) {
        time.advance(1);
        const nowMs = time.clock.now();
        if (next.do === 'offer') {
          flying.push({ name: next.name, epoch: recorder.books.epoch, offeredMs: nowMs, call: offer(next.name) });
          for (const book of open) book.offered++;
        } else if (next.do === 'settle' && flying.length > 0) {
          settledCount++;
          const [ended] = flying.splice(next.pick % flying.length, 1) as [Flying];
          if (next.outcome === 'ok') ended.call.ok(1);
          else ended.call.failed(next.outcome, new Error('asked to fail'));
          // Whatever comes late changes nothing.
          if (next.pick % 2 === 0) ended.call.ok(2);
          else ended.call.failed('lost', new Error('late'));
          for (const book of open)
            book.settled.push({ ...ended, outcome: next.outcome, latencyMs: nowMs - ended.offeredMs });
        } else if (next.do === 'change') {
          recorder.changed({ threads: nowMs });
          changedMs = nowMs;
        } else if (next.do === 'open') {
          open.push({
            window: recorder.openWindow(),
            offered: 0,
            settled: [],
            backlog: flying.length,
            epoch: recorder.books.epoch,
            aged:
              left.epoch === recorder.books.epoch && left.settledCount === settledCount
                ? left.aged
                : flying.filter((call) => Math.floor(call.offeredMs / 2) > Math.floor(changedMs / 2)).length,
          });
        } else if (next.do === 'cut' && open.length > 0) {
          const book = open[next.pick % open.length] as (typeof open)[number];
          expect(book.window.settledCount).toBe(book.settled.length);
          check(book.window.cut(), book);
          Object.assign(book, { offered: 0, settled: [], backlog: flying.length, epoch: recorder.books.epoch });
        } else if (next.do === 'dispose' && open.length > 0) {
          open.splice(next.pick % open.length, 1)[0]?.window[Symbol.dispose]();
        }
        const totals = recorder.totals();
        expect(totals.offered).toBe(settledOf(totals.outcomes) + totals.inFlight);
        expect(recorder.books.inFlight).toBe(flying.length);
      }
      for (const book of open) check(book.window.cut(), book);
    }),
    { numRuns: 200 },
  );
});

const settledNothing = { ok: 0, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 };
