import { describe, expect, it } from 'vitest';
import type { Measured, Window } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { backAbove, fallOf, recoveryIn, sawOutageEnd } from '../../../tuner/trial/level.ts';
import { windowOf } from './build-window.ts';

/** Windows whose level is that of `levels`, each with the usual noise. */
function windowsAt(name: string, levels: readonly number[], offered?: number): Window[] {
  const random = randomStream(5, name);
  return levels.map((level) =>
    windowOf({ ok: Math.round(1000 * level * Math.exp(0.035 * gaussian(random))), ...(offered && { offered }) }),
  );
}

const many = (count: number, level: number): readonly number[] => Array.from({ length: count }, () => level);
const stays = (windows: readonly Window[]): Measured[] => windows.map((window) => ({ arm: 'candidate', window }));
const facts = {
  objective: { metric: 'throughput', direction: 'maximize' },
  load: 'closed',
  reference: windowsAt('reference', many(20, 1)),
} as const;
/** The candidate is a tenth better in every pair. */
const d = many(12, Math.log(1.1));
const early = windowsAt('early', many(12, 1.1));

describe('the level', () => {
  it('has not fallen where a candidate that is a tenth better stays a tenth above the reference', () => {
    const measured = stays(windowsAt('stays', many(40, 1.1)));
    expect(fallOf(facts, measured, early, d)).toBeNull();
  });

  it('has fallen where the candidate is no better than the reference was, though every pair says so', () => {
    const measured = stays(windowsAt('stays', many(40, 1)));
    expect(fallOf(facts, measured, early, d)).toBeCloseTo(Math.log(1.1), 1);
  });

  it('has fallen below a reference of six windows as well, and nothing is said of five', () => {
    const measured = stays(windowsAt('stays', many(40, 1)));
    const short = (count: number) => ({ ...facts, reference: windowsAt('reference', many(count, 1)) });
    expect(fallOf(short(6), measured, early, d)).toBeCloseTo(Math.log(1.1), 1);
    expect(fallOf(short(5), measured, early, d)).toBeNull();
  });

  it('is not judged by windows right after a flip, which pay for it', () => {
    const low = stays(windowsAt('flips', many(40, 0.8)));
    const flips = low.flatMap((one): Measured[] => [{ ...one, arm: 'baseline' }, one]);
    expect(fallOf(facts, flips, early, d)).toBeNull();
  });

  it('is not judged where the load has changed', () => {
    const reference = windowsAt('reference', many(20, 1), 1000);
    const measured = stays(windowsAt('stays', many(40, 0.5), 500));
    expect(fallOf({ ...facts, load: 'open', reference }, measured, [], d)).toBeNull();
  });

  it('of an open load is that of what came, so that a tenth fewer arrivals are no fall', () => {
    const reference = windowsAt('reference', many(20, 1), 1000);
    const measured = stays(windowsAt('stays', many(40, 0.99), 900));
    expect(fallOf({ ...facts, load: 'open', reference }, measured, [], d)).toBeNull();
  });

  it('is called fallen where it is not in fewer than one series of ten', () => {
    const fallen = Array.from({ length: 200 }, (_, seed) =>
      fallOf(
        { ...facts, reference: windowsAt(`r${seed}`, many(20, 1)) },
        stays(windowsAt(`s${seed}`, many(40, 1.1))),
        windowsAt(`e${seed}`, many(12, 1.1)),
        d,
      ),
    );
    expect(fallen.filter((one) => one !== null).length).toBeLessThan(20);
  });
});

describe('a stretch on the anchor', () => {
  const wearsOff = (left: number, timeWindows: number) =>
    Array.from({ length: 60 }, (_, i) => 1 - left * Math.exp(-i / timeWindows));

  it('that comes back in a jump long after the switch has seen an outage end, and one that comes back by degrees, or at once, has not', () => {
    const before = stays(windowsAt('fallen', many(20, 0.66)));
    const saw = (levels: readonly number[]) => sawOutageEnd(facts, before, windowsAt('stretch', levels), d);
    expect(saw([...many(40, 0.6), ...many(20, 1)])).toBe(true);
    expect(saw([...many(20, 0.6), ...many(20, 1)])).toBe(false);
    expect(saw(wearsOff(0.4, 10))).toBe(false);
    expect(saw(wearsOff(0.4, 2))).toBe(false);
    expect(saw(many(40, 1))).toBe(false);
  });

  it('shows that what the candidate has left behind wears off', () => {
    expect(recoveryIn(facts, windowsAt('wears off', wearsOff(0.2, 20)))).toBeGreaterThan(0.05);
  });

  it('shows nothing where the level stays low, or after a handful of windows', () => {
    expect(recoveryIn(facts, windowsAt('low', many(60, 0.8)))).toBeNull();
    expect(recoveryIn(facts, windowsAt('wears off', wearsOff(0.2, 20)).slice(0, 10))).toBeNull();
  });

  it('shows what came back before it could be seen to rise, by the windows in which it was sunken', () => {
    const sunken = windowsAt('sunken', many(12, 0.81));
    const alone = windowsAt('alone', many(20, 1));
    expect(recoveryIn(facts, alone)).toBeNull();
    expect(backAbove(facts, sunken, alone)).toBeCloseTo(-Math.log(0.81), 1);
    // What came from outside stays.
    expect(backAbove(facts, sunken, windowsAt('outside', many(20, 0.83)))).toBeNull();
    expect(backAbove(facts, [], alone)).toBeNull();
  });

  it('is not taken for a recovery because its first windows pay for the flip', () => {
    const levels = [0.5, 0.6, ...many(40, 0.8)];
    expect(recoveryIn(facts, windowsAt('flip', levels))).toBeNull();
  });
});
