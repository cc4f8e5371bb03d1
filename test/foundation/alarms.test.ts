import fc from 'fast-check';
import { expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { type Alarm, Alarms } from '../../src/foundation/alarms.ts';

interface Named extends Alarm {
  readonly name: number;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function bench() {
  const time = manualTime();
  let sleeps = 0;
  const alarms = new Alarms({
    clock: time.clock,
    timers: {
      sleep: async (ms, options) => {
        sleeps++;
        try {
          await time.timers.sleep(ms, options);
        } finally {
          sleeps--;
        }
      },
    },
  });
  const rung: [name: number, atMs: number][] = [];
  const alarmOf = (name: number): Named => ({
    name,
    dueMs: Number.NaN,
    place: -1,
    ring: () => void rung.push([name, time.clock.now()]),
  });
  return { alarms, alarmOf, rung, sleeps: () => sleeps };
}

it('each alarm rings once, not before it is due, in the order in which they are due, whatever was set, moved and cleared', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name: fc.nat(12), dueMs: fc.option(fc.integer({ min: 1, max: 50 }), { freq: 4 }) })),
      async (steps) => {
        const { alarms, alarmOf, rung, sleeps } = bench();
        const known = Array.from({ length: 13 }, (_, name) => alarmOf(name));
        const due = new Map<number, number>();
        for (const { name, dueMs } of steps) {
          if (dueMs === null) {
            alarms.clear(known[name] as Alarm);
            due.delete(name);
          } else {
            alarms.set(known[name] as Alarm, dueMs);
            due.set(name, dueMs);
          }
        }
        for (let turns = 0; turns < 200 && sleeps() > 0; turns++) await turn();
        expect(rung.map(([name]) => name).sort((a, b) => a - b)).toEqual([...due.keys()].sort((a, b) => a - b));
        for (const [name, atMs] of rung) expect(atMs).toBeGreaterThanOrEqual(due.get(name) as number);
        const order = rung.map(([name]) => due.get(name) as number);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(known.every(({ place }) => place === -1)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

it('no sleep is left behind once no alarm is set, and one alarm after the other shares a sleep', async () => {
  const { alarms, alarmOf, rung, sleeps } = bench();
  for (let name = 0; name < 5; name++) {
    const alarm = alarmOf(name);
    alarms.set(alarm, 1e6 + name);
    alarms.clear(alarm);
    expect(sleeps()).toBe(1);
  }
  for (let turns = 0; turns < 3; turns++) await turn();
  expect([sleeps(), rung]).toEqual([0, []]);
});
