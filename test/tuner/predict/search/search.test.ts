import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../../bench/worlds/window.ts';
import type { KnobSpec, Seen, Settings, SettingValue, Visit, Work } from '../../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../../src/foundation/random.ts';
import { explain } from '../../../../tuner/advice/explain.ts';
import { predict } from '../../../../tuner/predict/predict.ts';
import { knob, ok, seenWith, took } from '../seen.ts';

const random = randomStream(1);
const fast = knob('fast', { domain: [false, true], defaultValue: false });
const codec = knob('codec', { domain: ['gzip', 'brotli', 'none'], defaultValue: 'gzip' });
const size = knob('size', { domain: { min: 1, max: 1024, scale: 'log', integer: true }, defaultValue: 8 });

/** What is seen where `visits` were made, and the settings in force have windows enough. */
function seenAfter(
  knobs: readonly KnobSpec[],
  visits: readonly Visit[],
  { work, ...parts }: Partial<Seen> & { readonly work?: Work } = {},
): Seen {
  const settings: Settings = Object.fromEntries(knobs.map(({ id, defaultValue }) => [id, defaultValue]));
  const windows = Array.from({ length: 4 }, () =>
    emptyWindow({
      settings,
      endMs: 1000,
      offered: 1000,
      outcomes: { ...ok, ok: 1000 },
      latency: took(1, 1000),
      service: took(1, 1000),
      ...(work && { work }),
    }),
  );
  return seenWith(knobs, settings, windows, { visits, ...parts });
}

interface Found {
  readonly settings: Settings | null;
  readonly probes: readonly Settings[];
}

/** Visits what the search asks for, each with an error of 2 %, until it proposes something or gives up. */
function search(knobs: readonly KnobSpec[], gain: (settings: Settings) => number, seed = 1): Found {
  const noise = randomStream(seed, 'noise');
  const visits: Visit[] = [];
  const probes: Settings[] = [];
  for (;;) {
    const seen = seenAfter(knobs, visits);
    const answer = predict(seen, random);
    if ('gain' in answer) return { settings: answer.settings, probes };
    if (!('probe' in answer)) return { settings: null, probes };
    probes.push(answer.probe);
    const value = gain(answer.probe) + 0.02 * gaussian(noise);
    visits.push({ settings: answer.probe, from: seen.current, gain: value, sd: 0.02, windows: 3 });
  }
}

const octavesFrom = (best: number, value: SettingValue | undefined) => Math.log2(Number(value) / best);

describe('the search over knobs that no model knows', () => {
  it('every value of a switch and of a choice is visited once before anything is proposed', () => {
    const { probes, settings } = search([codec], ({ codec: value }) => (value === 'none' ? 0.5 : -0.3));
    expect(new Set(probes.map((one) => one['codec']))).toEqual(new Set(['brotli', 'none']));
    expect(settings).toEqual({ codec: 'none' });
  });

  it('a way that is bad as a number stands beside it, and the best where that number is moved, is found', () => {
    const { settings } = search([codec, size], ({ codec: value, size: at }) => {
      if (value !== 'none') return value === 'brotli' ? -0.1 : 0;
      return -0.4 + 1.2 * Math.exp(-((octavesFrom(128, at) / 2) ** 2));
    });
    expect(settings?.['codec']).toBe('none');
    expect(Math.abs(octavesFrom(128, settings?.['size']))).toBeLessThan(1);
  });

  it('where no more visits may be made, what was visited often enough is proposed, and nothing else', () => {
    const visited = (windows: number, parts: Partial<Seen>) => {
      const visits: Visit[] = [
        { settings: { codec: 'none', size: 8 }, from: { codec: 'gzip', size: 8 }, gain: 0.5, sd: 0.02, windows },
      ];
      return predict(seenAfter([codec, size], visits, parts), random);
    };
    expect(visited(6, {})).toHaveProperty('probe');
    expect(visited(6, { may: { visit: false } })).toMatchObject({ settings: { codec: 'none' } });
    expect(visited(2, { may: { visit: false } })).toHaveProperty('none');
  });

  it('of twenty values of a choice the best is found with hardly more visits than values', () => {
    const values = Array.from({ length: 20 }, (_, i) => `way ${i}`);
    const way = knob('way', { domain: values, defaultValue: 'way 0' });
    const { probes, settings } = search([way], ({ way: value }) =>
      value === 'way 13' ? 0.2 : 0.01 * Number(String(value).slice(4)) - 0.1,
    );
    expect(settings).toEqual({ way: 'way 13' });
    expect(probes.length).toBeLessThanOrEqual(24);
  });

  it.each([1, 2, 3])(
    'the best of ten thousand numbers is found within a few per cent in twenty visits (seed %i)',
    (seed) => {
      const slots = knob('slots', { domain: { min: 1, max: 10_000, scale: 'log', integer: true }, defaultValue: 20 });
      const gain = ({ slots: value }: Settings) => 0.7 * Math.exp(-0.5 * (octavesFrom(1800, value) / 2) ** 2);
      const { probes, settings } = search([slots], gain, seed);
      expect(gain(settings ?? { slots: 20 })).toBeGreaterThan(0.65);
      expect(probes.length).toBeLessThanOrEqual(20);
    },
  );

  it('a fraction of a range without a scale is found, too', () => {
    const share = knob('share', { domain: { min: 0, max: 1, scale: 'linear', integer: false }, defaultValue: 0.5 });
    const { settings } = search([share], ({ share: value }) => 0.4 - 2 * (Number(value) - 0.15) ** 2);
    expect(Math.abs(Number(settings?.['share']) - 0.15)).toBeLessThan(0.12);
  });

  it('a second hump behind a valley is found where it is eight times as far', () => {
    const gain = ({ size: value }: Settings) =>
      Math.log(
        Math.exp(-0.5 * (octavesFrom(8, value) / 0.8) ** 2) +
          1.5 * Math.exp(-0.5 * (octavesFrom(72, value) / 0.9) ** 2),
      );
    const { settings } = search([size], gain);
    expect(Math.abs(octavesFrom(72, settings?.['size'] ?? 8))).toBeLessThan(0.7);
  });

  it('a switch that matters only under another value of a choice is found', () => {
    const { settings } = search([fast, codec], (one) =>
      one['codec'] === 'none' ? (one['fast'] === true ? 0.4 : -0.05) : 0,
    );
    expect(settings).toEqual({ fast: true, codec: 'none' });
  });

  it('knobs of which each depends on the other are moved together', () => {
    const other = { ...size, id: 'other' };
    const gain = ({ size: a, other: b }: Settings) => {
      const [x, y] = [octavesFrom(64, a), octavesFrom(2, b)];
      return 1.2 - 0.05 * (x + y) ** 2 - 0.1 * (x - y) ** 2;
    };
    const { settings } = search([size, other], gain);
    expect(gain(settings ?? { size: 8, other: 8 })).toBeGreaterThan(1.1);
  });

  it('knobs that do nothing are left alone after a handful of visits', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { settings, probes } = search([size], () => 0, seed);
      expect(settings).toBeNull();
      expect(probes.length).toBeLessThanOrEqual(12);
    }
  });

  it('a range is not left at once for its ends, and nothing is visited that is ruled out, fixed or needs a restart', () => {
    const { probes } = search([size], () => 0);
    expect(Math.abs(octavesFrom(8, probes[0]?.['size']))).toBeLessThanOrEqual(3);
    const ruledOut = [{ fast: true }];
    expect(predict(seenAfter([fast], [], { ruledOut }), random)).toHaveProperty('none');
    const fixed = { ...fast, moves: { up: 'restart', down: 'restart' } } as const;
    expect(predict(seenAfter([fixed], []), random)).toHaveProperty('none');
  });

  it('a setting that looked good in a few windows is visited again before it gets a trial', () => {
    const visits = [{ settings: { fast: true }, from: { fast: false }, gain: 0.3, sd: 0.03, windows: 2 }];
    expect(predict(seenAfter([fast], visits), random)).toMatchObject({ probe: { fast: true } });
    expect(predict(seenAfter([fast], [...visits, ...visits]), random)).toMatchObject({ model: 'search' });
  });

  it('what was found before another setting came into force still counts', () => {
    const chain: readonly Visit[] = [
      { settings: { codec: 'none' }, from: { codec: 'gzip' }, gain: 0.2, sd: 0.01, windows: 12 },
      { settings: { codec: 'brotli' }, from: { codec: 'gzip' }, gain: 0.5, sd: 0.01, windows: 12 },
    ];
    const seen = seenAfter([{ ...codec, defaultValue: 'none' }], chain);
    const answer = predict(seen, random);
    expect(answer).toMatchObject({ settings: { codec: 'brotli' } });
    expect('gain' in answer ? answer.gain.estimate : 0).toBeCloseTo(Math.expm1(0.3), 1);
  });

  it('of few values in order each is visited, for a limit that the last one clears shows at none before it', () => {
    const keep = knob('keepMs', { domain: [0, 100, 1000, 10_000], defaultValue: 0 });
    const { probes, settings } = search([keep], ({ keepMs }) => (Number(keepMs) >= 10_000 ? 0.4 : 0));
    expect(probes.slice(0, 3)).toEqual([{ keepMs: 100 }, { keepMs: 1000 }, { keepMs: 10_000 }]);
    expect(settings).toEqual({ keepMs: 10_000 });
  });

  it('of few values in order none is visited behind one at which the service hardly works', () => {
    const keep = knob('keepMs', { domain: [0, 100, 1000, 10_000], defaultValue: 0 });
    const { probes } = search([keep], ({ keepMs }) => (Number(keepMs) >= 100 ? -1 : 0));
    expect(probes).not.toContainEqual({ keepMs: 10_000 });
  });

  const told = {
    work: { batches: 1000, batchedCalls: 1000, batchMs: 1000, executeMs: 900, busyFraction: 0.9, workerStarts: 0 },
  };

  it('a choice that a model knows is left to the model', () => {
    const idle = knob('idleTimeoutMs', { domain: [0, 1000, 10_000], defaultValue: 0 });
    const [view, ...more] = explain(seenAfter([idle], [], told));
    expect([view?.model, more]).toEqual(['idle-timeout', []]);
  });

  it.each(['threads', 'batchSize', 'concurrency', 'callsPerThread', 'moduleCacheCapacity'])(
    '%s of an executor that tells nothing of the way of its calls is searched like a knob of any other name',
    (id) => {
      const { settings } = search([{ ...size, id }], ({ [id]: value }) => 0.5 - Math.abs(octavesFrom(64, value)) / 6);
      expect(Math.abs(octavesFrom(64, settings?.[id]))).toBeLessThan(1);
    },
  );
});
