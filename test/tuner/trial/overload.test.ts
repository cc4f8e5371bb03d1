import { describe, expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { wholeRun } from '../../../bench/worlds/whole-run.ts';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Window } from '../../../src/contracts.ts';
import { quantileMs } from '../../../src/measure/distribution.ts';
import { guardedDifference } from '../../../tuner/trial/metric.ts';
import { atOneBacklog, isOverloaded, pairAtOneBacklog, servedWithinMs } from '../../../tuner/trial/overload.ts';
import { ok, took } from '../predict/seen.ts';

/** A second in which so many calls came and so many came out. */
function second(backlogAtStart: number, offered: number, settled: number, parts: Partial<Window> = {}): Window {
  return emptyWindow({
    startMs: 0,
    endMs: 1000,
    offered,
    outcomes: { ...ok, ok: settled },
    backlogAtStart,
    backlogAtEnd: backlogAtStart + offered - settled,
    latency: took((1000 * backlogAtStart) / settled, settled),
    work: { ...emptyWindow({}).work, batches: settled, batchedCalls: settled, batchMs: settled },
    ...parts,
  });
}

/** Seconds in a row at a rate of arrivals and one of service. */
const seconds = (count: number, from: number, offered: number, settled: number, parts: Partial<Window> = {}) =>
  Array.from({ length: count }, (_, i) => second(from + i * (offered - settled), offered, settled, parts));

describe('an overloaded service', () => {
  it('is one whose backlog grows, or is worked off, by more than chance', () => {
    expect(isOverloaded('open', seconds(10, 0, 150, 100))).toBe(true);
    expect(isOverloaded('open', seconds(10, 2000, 100, 150))).toBe(true);
    expect(isOverloaded('open', seconds(10, 5, 100, 99))).toBe(false);
    expect(isOverloaded('open', seconds(4, 0, 150, 100))).toBe(false);
  });

  it('is none whose callers wait for each other, nor one whose calls are all being served', () => {
    expect(isOverloaded('closed', seconds(10, 0, 150, 100))).toBe(false);
    const served = { latency: took(2000, 100), wait: took(1, 100), service: took(2000, 100) };
    expect(isOverloaded('open', seconds(10, 0, 150, 100, served))).toBe(false);
  });

  it('is none where nobody tells how long calls are served, for windows might be shorter', () => {
    expect(isOverloaded('open', seconds(10, 0, 150, 100, { work: emptyWindow({}).work }))).toBe(false);
  });

  it('is one in which all calls wait behind more than a window of others, however even its backlog is', () => {
    const waits = { latency: took(5000, 100), wait: took(4900, 100), service: took(100, 100) };
    expect(isOverloaded('open', seconds(10, 500, 100, 100, waits))).toBe(true);
    expect(isOverloaded('open', seconds(10, 500, 100, 100))).toBe(false);
  });
});

describe('latencies at one backlog', () => {
  const slow = second(1000, 100, 50);
  const fast = second(3000, 100, 100);

  it('are those of how fast each arm serves, whichever of them met the longer queue', () => {
    expect(guardedDifference('p50', [slow], [fast])).toBeLessThan(0);
    const [baseline, candidate] = pairAtOneBacklog(slow, fast);
    expect(guardedDifference('p50', [baseline], [candidate])).toBeCloseTo(Math.log(2), 2);
    expect(guardedDifference('mean', [baseline], [candidate])).toBeCloseTo(Math.log(2), 5);
  });

  it('differ by as much the other way when the arms are swapped', () => {
    const d = (pair: readonly [Window, Window]) => guardedDifference('p99', [pair[0]], [pair[1]]) as number;
    expect(d(pairAtOneBacklog(slow, fast))).toBeCloseTo(-d(pairAtOneBacklog(fast, slow)), 10);
  });

  it('have what the calls take once they begin on top, where windows tell it', () => {
    const parts = { wait: took(19_000, 100), service: took(1000, 100), latency: took(20_000, 100) };
    const [one, other] = [second(1000, 100, 50, parts), second(1000, 100, 50, { ...parts, service: took(9000, 100) })];
    const [a, b] = atOneBacklog([one, other]);
    expect(guardedDifference('p50', [a as Window], [b as Window])).toBeLessThan(-0.2);
    expect(servedWithinMs([one, other])).toBe(quantileMs(other.service, 0.99));
  });

  it('are as measured where one arm has no queue', () => {
    const idle = second(0, 100, 100, { latency: took(3, 100) });
    expect(pairAtOneBacklog(slow, idle)).toEqual([slow, idle]);
  });
});

it('what serves more of calls that come too fast is proven in the time that it takes elsewhere', async () => {
  const { name, goal } = worldNamed('batching-overloaded');
  const { proven } = await wholeRun(makeWorld(worldNamed(name), 2), { goal, seed: 2, forMs: 60_000 });
  expect(proven?.seconds).toBeLessThan(60);
});
