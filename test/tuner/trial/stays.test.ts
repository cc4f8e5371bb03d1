import { expect, test } from 'vitest';
import type { Measured, Objective } from '../../../src/contracts.ts';
import { levelWhileSwitched, lossByStaying, sunkAgain } from '../../../tuner/trial/stays.ts';
import { windowOf } from './build-window.ts';

const throughput: Objective = { metric: 'throughput', direction: 'maximize' };
const mean: Objective = { metric: 'mean', direction: 'minimize' };

const reference = (ok: number, sigmaD = 0.02) => ({
  windows: Array.from({ length: 20 }, () => windowOf({ ok })),
  sigmaD,
  cpus: 2,
});

/** An audit of so many windows an arm: the setting in force, and the default. */
function audit(inForce: number, byDefault: number, windows = 4): readonly Measured[] {
  return Array.from({ length: windows }, (): readonly Measured[] => [
    { arm: 'baseline', window: windowOf({ ok: inForce }) },
    { arm: 'candidate', window: windowOf({ ok: byDefault }) },
  ]).flat();
}

test('a setting that is half as good where it stays as while it is switched loses by staying', () => {
  const loss = lossByStaying(reference(1000), audit(2200, 2000), throughput);
  expect(loss).toBe(
    'where it stays the setting is at −54.5 % of what it is while it is switched, and at −50.0 % of the default',
  );
});

test.each<readonly [string, ReturnType<typeof reference>, readonly Measured[]]>([
  ['is as bad while it is switched', reference(1000), audit(1000, 2000)],
  ['is no worse where it stays than the default', reference(1000), audit(1500, 1020)],
  ['differs by less than the windows vary', reference(1000, 0.2), audit(1500, 1500)],
  ['was switched for three windows only', reference(1000), audit(2200, 2000, 2)],
])('a setting that %s is not told to lose by staying', (_, before, seen) => {
  expect(lossByStaying(before, seen, throughput)).toBeNull();
});

test('an outage of both settings that ended before the first flip is no loss by staying, and one that ends in the audit may be', () => {
  const low = Array.from({ length: 14 }, () => 1000);
  const stayed = (levels: readonly number[]) => ({ ...reference(1000), windows: levels.map((ok) => windowOf({ ok })) });
  const [before, within] = [stayed([...low, ...Array.from({ length: 6 }, () => 2000)]), stayed(low)];
  const struck = Array.from(
    { length: 8 },
    (_, i): Measured => ({ arm: i % 2 === 0 ? 'baseline' : 'candidate', window: windowOf({ ok: 1000 }) }),
  );
  expect(lossByStaying(before, audit(2200, 2000, 12), throughput)).toBeNull();
  // Harm that ends some seconds after a switch looks like it.
  expect(lossByStaying(within, [...struck, ...audit(2200, 2000, 12)], throughput)).not.toBeNull();
});

test('a latency that grows where a setting stays is a loss', () => {
  const windows = (meanMs: number, arm: Measured['arm']) =>
    Array.from({ length: 4 }, (): Measured => ({ arm, window: windowOf({ meanMs }) }));
  const stayed = { windows: Array.from({ length: 20 }, () => windowOf({ meanMs: 30 })), sigmaD: 0.02, cpus: 2 };
  expect(lossByStaying(stayed, [...windows(10, 'baseline'), ...windows(12, 'candidate')], mean)).not.toBeNull();
  expect(lossByStaying(stayed, [...windows(30, 'baseline'), ...windows(12, 'candidate')], mean)).toBeNull();
});

test('what the setting was while it was switched is what it sinks below where it stays again', () => {
  const level = levelWhileSwitched(audit(2200, 2000), throughput) ?? expect.fail('no level');
  expect(sunkAgain(level, reference(1320), throughput)).toBe(
    'where it stays the setting is at −40.0 % of what it was while it was switched',
  );
  expect(sunkAgain(level, reference(2100), throughput)).toBeNull();
  expect(sunkAgain(level, reference(1320, 0.2), throughput)).toBeNull();
  expect(sunkAgain(level, { ...reference(1320), windows: reference(1320).windows.slice(0, 2) }, throughput)).toBeNull();
  expect(levelWhileSwitched(audit(2200, 2000, 2), throughput)).toBeNull();
});
