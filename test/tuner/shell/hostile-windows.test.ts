import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenWindow, Window } from '../../../src/contracts.ts';
import { emptyDistribution } from '../../../src/measure/distribution.ts';
import { replay } from '../../../tuner/replay.ts';
import { bomb, type Faults, isUnderCandidate, misbehaving } from '../../support/misbehaving.ts';
import { entryOf, recordsOf } from '../../support/tuned-world.ts';

const warned = vi.spyOn(process, 'emitWarning');
beforeEach(() => {
  warned.mockReset().mockImplementation(() => {});
});
afterEach(() => {
  warned.mockReset();
});

const isCandidate = ({ settings }: Window) => settings['size'] === 8;
const explode = (): never => {
  throw bomb();
};

/** Windows that cannot be what happened, and the field that says so. */
const refused: readonly (readonly [string, RegExp, (window: Window) => unknown])[] = [
  ['nothing', /'world' gave window: expected an object, got null/, () => null],
  ['an empty object', /window\.offered: expected a whole number/, () => ({})],
  ['no end', /window\.endMs: expected a finite number, got NaN/, (window) => ({ ...window, endMs: Number.NaN })],
  ['no length', /window\.endMs: expected [\d.]+ ms after startMs/, (window) => ({ ...window, endMs: window.startMs })],
  ['a negative length', /window\.endMs/, (window) => ({ ...window, endMs: window.startMs - 100 })],
  ['a microsecond', /window\.endMs/, (window) => ({ ...window, endMs: window.startMs + 0.001 })],
  ['more time than passed', /window\.endMs/, (window) => ({ ...window, endMs: window.startMs + 10_000 })],
  [
    'a time of another clock',
    /window\.startMs: expected .* after the window before it/,
    (window) => ({ ...window, startMs: window.startMs + 1.7e12, endMs: window.endMs + 1.7e12 }),
  ],
  [
    'a count of NaN',
    /window\.outcomes\.ok/,
    (window) => ({ ...window, outcomes: { ...window.outcomes, ok: Number.NaN } }),
  ],
  [
    'a count of Infinity',
    /window\.outcomes\.ok/,
    (window) => ({ ...window, outcomes: { ...window.outcomes, ok: Infinity } }),
  ],
  [
    'a count that is too large',
    /window\.outcomes\.ok/,
    (window) => ({ ...window, outcomes: { ...window.outcomes, ok: 1e300 } }),
  ],
  ['half a call', /window\.offered/, (window) => ({ ...window, offered: window.offered + 0.5 })],
  ['a bigint', /window\.offered: .* got 5n/, (window) => ({ ...window, offered: 5n })],
  [
    'an outcome that is missing',
    /window\.outcomes\.trap/,
    (window) => ({ ...window, outcomes: { ok: 2 * window.outcomes.ok } }),
  ],
  ['negative CPU time', /window\.cpuMs/, (window) => ({ ...window, cpuMs: -1 })],
  ['no settings', /window\.settings: expected an object/, (window) => ({ ...window, settings: undefined })],
  [
    'a knob that is missing',
    /window\.settings\.other: expected a value/,
    (window) => ({ ...window, settings: { size: 8 } }),
  ],
  [
    'the settings of the baseline',
    /window\.settings\.size: expected 8, as the knob reads, got 1/,
    (window) => ({ ...window, settings: { ...window.settings, size: 1 } }),
  ],
  [
    'latencies without bounds',
    /window\.latency\.boundsNs/,
    ({ latency, ...window }) => ({
      ...window,
      latency: { ...latency, boundsNs: latency.boundsNs.map(() => Number.NaN) },
    }),
  ],
  [
    'latencies out of order',
    /window\.latency\.boundsNs/,
    ({ latency, ...window }) => ({ ...window, latency: { ...latency, boundsNs: latency.boundsNs.toReversed() } }),
  ],
  [
    'more latencies than samples',
    /window\.latency\.count/,
    ({ latency, ...window }) => ({ ...window, latency: { ...latency, count: 2 * latency.count } }),
  ],
  [
    'buckets below the maximum',
    /window\.latency\.maxMs/,
    ({ latency, ...window }) => ({ ...window, latency: { ...latency, boundsNs: latency.boundsNs.map((_, i) => i) } }),
  ],
  [
    'negative latencies',
    /window\.latency/,
    ({ latency, ...window }) => ({ ...window, latency: { ...latency, minMs: -1, maxMs: -1, sumMs: -5 } }),
  ],
  ['what throws when it is looked at', /window/, () => bomb()],
];

describe('a window of the candidate that cannot be what happened', () => {
  it.each(refused)(
    'a window of the candidate with %s is refused: the trial ends on the anchor, and the field is told',
    async (_, field, make) => {
      const { tuner, world } = misbehaving({ cut: (window) => (isCandidate(window) ? make(window) : window) });
      const decided = await tuner.propose({ size: 8 });
      expect(decided).toMatchObject({ decision: 'revert', reason: expect.stringMatching(field) });
      await expect(tuner.stop()).resolves.toBeUndefined();
      expect(world.settings()).toEqual({ size: 1, other: 5 });
      expect(replay(tuner.ledger).identical).toBe(true);
      expect(warned.mock.calls.map(([text]) => String(text)).filter((text) => field.test(text))).toHaveLength(1);
    },
  );

  it('a window that was given before is refused', async () => {
    let last: Window | null = null;
    const { tuner } = misbehaving({ cut: (window) => (last = isCandidate(window) ? (last ?? window) : window) });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({
      decision: 'revert',
      reason: expect.stringMatching(/window\.(startMs|settings\.size)/),
    });
    await tuner.stop();
  });

  it('what a window has beside its fields reaches neither the ledger nor a decision', async () => {
    const { tuner } = misbehaving({
      cut: (window) => {
        const cyclic: Record<string, unknown> = { ...window, more: 5n };
        cyclic['self'] = cyclic;
        return cyclic;
      },
    });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
    expect(replay(tuner.ledger).identical).toBe(true);
  });
});

describe('an executor whose windows fail', () => {
  const open =
    (parts: (real: OpenWindow) => Partial<Record<'cut' | 'settledCount', unknown>> & { dispose?: () => void }) =>
    (real: OpenWindow, isOn: () => boolean) => {
      if (!isOn()) return real;
      const { dispose = () => real[Symbol.dispose](), ...given } = parts(real);
      const opened = { cut: () => real.cut(), [Symbol.dispose]: dispose };
      return Object.defineProperties(opened, Object.getOwnPropertyDescriptors({ settledCount: 0, ...given }));
    };

  it.each<readonly [string, NonNullable<Faults['open']>, RegExp]>([
    ['whose openWindow() throws', (real, isOn) => (isOn() ? explode() : real), /openWindow\(\) threw/],
    ['whose openWindow() gives nothing', (real, isOn) => (isOn() ? null : real), /cut\(\) threw/],
    ['whose cut() throws', open(() => ({ cut: explode })), /cut\(\) threw: a value without text/],
    ['whose settledCount is NaN', open(() => ({ settledCount: Number.NaN })), /settledCount: expected a whole number/],
  ])('an executor %s ends the trial on the anchor, without a word against the knob', async (_, fault, said) => {
    const { tuner, world, arm } = misbehaving({ open: fault });
    const decision = tuner.propose({ size: 8 });
    await entryOf(tuner, isUnderCandidate);
    arm();
    await expect(decision).resolves.toMatchObject({
      decision: 'revert',
      trigger: 'measure failed',
      reason: expect.stringMatching(said),
    });
    await expect(tuner.stop()).resolves.toBeUndefined();
    expect(world.settings()).toEqual({ size: 1, other: 5 });
    expect(recordsOf(tuner, 'knob-rest')).toEqual([]);
    expect(recordsOf(tuner, 'back-off')).toMatchObject([{ settings: { size: 8, other: 5 } }]);
  });

  it('a window that cannot be disposed is a window all the same', async () => {
    const { tuner } = misbehaving({ open: open(() => ({ dispose: explode })) }, {}, true);
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
  });
});

describe('a guardrail on latencies that are not told', () => {
  it.each([
    ['candidate', (window: Window) => (isCandidate(window) ? { ...window, latency: emptyDistribution } : window)],
    ['executor', (window: Window) => ({ ...window, latency: emptyDistribution })],
  ] as const)('a guardrail on latencies that the windows of the %s do not tell is never passed', async (_, cut) => {
    const { tuner } = misbehaving({ cut }, { subjectTo: ['p99 < 500ms'] });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert' });
    await tuner.stop();
    const verdict = recordsOf(tuner, 'verdict').at(-1);
    expect(verdict?.result.guardrails).toMatchObject([{ state: 'unjudged' }]);
  });
});
