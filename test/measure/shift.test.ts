import { describe, expect, test } from 'vitest';
import { gaussian, type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { shiftIn, shiftWindows } from '../../src/measure/shift.ts';

/** Gives the log of the level in one window after the other. */
type Noise = (random: RandomSource) => () => number;

const sigma = 0.05;
const white: Noise = (random) => () => sigma * gaussian(random);

/** Each window is a fraction of the one before, and something new. */
function autoregressive(phi: number): Noise {
  return (random) => {
    let value = sigma * gaussian(random);
    return () => (value = phi * value + Math.sqrt(1 - phi * phi) * sigma * gaussian(random));
  };
}

/** One window in twenty loses 30 %. */
const bursty: Noise = (random) => () => sigma * gaussian(random) + (random() < 0.05 ? Math.log(0.7) : 0);

/** Student's t with two degrees of freedom, whose variance is infinite; half of it is as near to 0 as white noise. */
const heavyTailed: Noise = (random) => () => {
  const chiSquare = gaussian(random) ** 2 + gaussian(random) ** 2;
  return (0.826 * sigma * gaussian(random)) / Math.sqrt(chiSquare / 2);
};

/** Windows of five seconds under a load that swings by `amplitude` over the day. */
function diurnal(amplitude: number): Noise {
  return (random) => {
    let window = Math.floor(17_280 * random());
    return () => sigma * gaussian(random) + Math.log1p(amplitude * Math.sin((2 * Math.PI * window++) / 17_280));
  };
}

/** A series as a tuner keeps it: a reference of 20 windows or so many, then one window after the other. */
function watched(next: () => number, referenceCount = 20) {
  const value = (shift: number) => 1000 * Math.exp(next() + shift);
  let values = Array.from({ length: referenceCount }, () => value(0));
  let fresh = 0;
  return (shift = 0, evidence?: number) => {
    values = [...values, value(shift)].slice(-shiftWindows);
    fresh++;
    return shiftIn(values, fresh, evidence);
  };
}

/** False alarms in so many windows; a new series is begun after each. */
function falseAlarms(noise: Noise, windows: number, evidence?: number): number {
  const next = noise(randomStream(1, 'false alarms'));
  let watch = watched(next);
  let alarms = 0;
  for (let i = 0; i < windows; i++) {
    if (watch(0, evidence) === null) continue;
    alarms++;
    watch = watched(next);
  }
  return alarms;
}

/** Windows until a shift is seen that follows 40 windows of rest, in the middle of 21 runs; Infinity after 60. */
function delay(noise: Noise, ratio: number): number {
  const delays = Array.from({ length: 21 }, (_, seed) => {
    const watch = watched(noise(randomStream(seed, 'delay')));
    for (let i = 0; i < 40; i++) watch();
    for (let seen = 1; seen <= 60; seen++) if (watch(Math.log(ratio)) !== null) return seen;
    return Number.POSITIVE_INFINITY;
  });
  return delays.sort((a, b) => a - b)[10] as number;
}

describe('the run length of the detector to a false alarm, at σ 5 %', () => {
  test.each([
    ['white noise', white, 0],
    ['noise that remembers half of the window before', autoregressive(0.5), 2],
    ['noise that remembers nine tenths of the window before', autoregressive(0.9), 4],
    ['noise with bursts', bursty, 1],
    ['noise with tails of infinite variance', heavyTailed, 3],
    ['a load that swings by 60 % over the day', diurnal(0.6), 0],
  ])('%s brings few false alarms in 4,000 windows', (_, noise, most) => {
    expect(falseAlarms(noise, 4000)).toBeLessThanOrEqual(most);
  });

  test('the evidence that is asked for bounds how often an alarm is false', () => {
    for (const noise of [white, bursty, diurnal(0.6)])
      expect(falseAlarms(noise, 2000, 20)).toBeLessThanOrEqual(2000 / 20);
    expect(falseAlarms(heavyTailed, 2000, 20)).toBeGreaterThan(falseAlarms(heavyTailed, 2000));
  });
});

describe('the delay until a shift is seen, at σ 5 %', () => {
  test.each([
    ['a loss of 10 %', 0.9, 13],
    ['a loss of 20 %', 0.8, 4],
    ['a loss of a half', 0.5, 3],
    ['a load that doubles', 2, 3],
  ])('%s is seen soon, and in no single window', (_, ratio, most) => {
    const windows = delay(white, ratio);
    expect(windows).toBeLessThanOrEqual(most);
    expect(windows).toBeGreaterThanOrEqual(2);
  });

  test('a load that doubles is seen soon under every noise', () => {
    for (const noise of [autoregressive(0.5), autoregressive(0.9), bursty, heavyTailed, diurnal(0.6)])
      expect(delay(noise, 2)).toBeLessThanOrEqual(6);
  });
});

describe('shiftIn', () => {
  const at = (level: number, count: number) => Array.from({ length: count }, (_, i) => level * (1 + 0.01 * (i % 3)));

  test('a shift says from where to where, and since when', () => {
    const shift = shiftIn([...at(1000, 40), ...at(500, 3)], 16);
    expect(shift?.from).toBeCloseTo(1010, 0);
    expect(shift?.to).toBeCloseTo(505, 0);
    expect(shift?.windows).toBe(3);
  });

  test('one window, however far off, is no shift', () => {
    for (const value of [0, 1, 1e6]) expect(shiftIn([...at(1000, 40), value], 16)).toBeNull();
  });

  test('a level of nothing is a shift once it lasts', () => {
    expect(shiftIn([...at(1000, 40), 0, 0, 0], 16)).toMatchObject({ to: expect.closeTo(1.01, 1), windows: 3 });
  });

  test('values that were there before any was watched are no shift', () => {
    const values = [...at(1000, 40), ...at(500, 3)];
    expect(shiftIn(values, 3)).not.toBeNull();
    expect(shiftIn(values, 0)).toBeNull();
  });

  test.each([
    ['white', white, 25, 5],
    ['bursty', bursty, 150, 10],
  ])(
    'half of the level gone within a minute and a half of a reference of ten is seen within six windows: %s',
    (_, noise, mostLate, mostAlarms) => {
      const random = randomStream(1, 'short references');
      let [late, alarms] = [0, 0];
      for (let i = 0; i < 500; i++) {
        const before = watched(noise(random), 10);
        for (let n = 0; n < 16; n++) if (before() !== null) alarms++;
        const watch = watched(noise(random), 10);
        for (let n = 0; n < i % 8; n++) watch();
        const seen = Array.from({ length: 6 }, () => watch(Math.log(0.5))).findIndex((one) => one !== null);
        if (seen < 0) late++;
      }
      expect(late).toBeLessThan(mostLate);
      expect(alarms).toBeLessThan(mostAlarms);
    },
  );

  test('few values, and values of nothing but 0, are compared with nothing', () => {
    expect(shiftIn([...at(1000, 9), 1, 1, 1], 3)).toBeNull();
    expect(shiftIn(at(0, 40), 16)).toBeNull();
    expect(shiftIn([], 0)).toBeNull();
  });

  test('a change smaller than 2.5 % is no shift, however quiet the windows are', () => {
    expect(shiftIn([...at(1000, 60), ...at(980, 16)], 16)).toBeNull();
  });
});
