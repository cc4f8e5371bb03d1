import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText, html, prose } from '../../../exporters/report/markup.ts';
import { effectScale, linearScale, logScale } from '../../../exporters/report/svg/scale.ts';
import { oddsText } from '../../../exporters/words/evidence.ts';
import { costFigure, costSentence } from '../../../exporters/words/measuring.ts';
import { asMetricChange } from '../../../exporters/words/metric.ts';
import { noiseText } from '../../../exporters/words/noise.ts';
import { intervalText, levelText, rangeText, shareText } from '../../../exporters/words/numbers.ts';
import { settingsText } from '../../../exporters/words/settings.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { interval } from '../../../tuner/trial/e-value.ts';
import { xmlFault } from '../../support/well-formed.ts';

test('an interval says estimate, level and both ends', () => {
  expect(intervalText({ estimate: 4.12, low: 3.8, high: 4.5, level: 0.99 })).toBe('+412 % (99 % interval +380…+450 %)');
  expect(intervalText({ estimate: -0.004, low: -0.012, high: 0.005, level: 0.985 })).toBe(
    '−0.4 % (98.5 % interval −1.2…+0.5 %)',
  );
  expect(rangeText(-0.01, Infinity)).toBe('−1.0 %…unbounded');
  expect(levelText(0.98)).toBe('98 %');
});

test('an end that bounds nothing is called unbounded, on either side', () => {
  expect(rangeText(-1e6, 0.45)).toBe('unbounded…+45.0 %');
  expect(rangeText(-1e6, 1e6)).toBe('no bounds');
  expect(rangeText(-1, 1e6)).toBe('no bounds');
});

test.each([1, 2, 3])('what measuring costs is not known while its pairs bound nothing: %i', (pairs) => {
  const effect = interval(Array<number>(pairs).fill(0.01), 0.3, 0.05);
  const fraction = { estimate: -effect.estimate, low: -effect.high, high: -effect.low, level: effect.level };
  const counted = `${pairs === 1 ? '1 pair' : `${pairs} pairs`}, which are too few or differ too much to bound it`;
  expect(costSentence({ fraction, pairs })).toBe(`has a cost that is not known (${counted})`);
  expect(costFigure({ fraction, pairs })).toEqual({ value: 'not known', note: counted });
});

test('what measuring costs is not known where no pair was measured, and says so', () => {
  const fraction = { estimate: Number.NaN, low: -Infinity, high: Infinity, level: 0.9 };
  expect(costFigure({ fraction, pairs: 0 })).toEqual({ value: 'not known', note: 'no pair was measured' });
});

test('what measuring costs is no figure where the interval reaches zero', () => {
  const fraction = { estimate: 0.027, low: -1.07, high: 0.2, level: 0.9 };
  expect(costSentence({ fraction, pairs: 8 })).toBe('has no cost that was seen (at most 20.0 %, 90 % interval)');
  expect(costFigure({ fraction, pairs: 8 })).toEqual({
    value: 'none seen',
    note: 'at most 20.0 % of throughput, 8 pairs',
  });
});

test('a cost whose interval lies below nothing is none seen, and bounds nothing', () => {
  const cost = { fraction: { estimate: -0.03, low: -0.05, high: -0.01, level: 0.9 }, pairs: 9 };
  expect(costFigure(cost)).toEqual({ value: 'none seen', note: '9 pairs' });
  expect(costSentence(cost)).toBe('has no cost that was seen (90 % interval)');
});

test('what measuring costs is too noisy to say where more than 20 % would not have been seen', () => {
  const fraction = { estimate: 0.027, low: -1.07, high: 0.45, level: 0.9 };
  expect(costSentence({ fraction, pairs: 8 })).toBe(
    'has a cost that is too noisy to say (at most 45.0 %, 90 % interval)',
  );
  expect(costFigure({ fraction, pairs: 8 })).toEqual({
    value: 'too noisy to say',
    note: 'at most 45.0 % of throughput, 8 pairs',
  });
});

test('± stands only where the gain and the loss that are as far from nothing are printed alike', () => {
  expect(noiseText(0.021)).toBe('±2.1 %');
  expect(noiseText(0.05)).toBe('+5.0 % / −4.8 %');
  expect(noiseText(1.956)).toBe('+196 % / −66.2 %');
  expect(noiseText(1e6)).toBe('without bounds');
});

test('a value that nobody would see stands in quotes, and what is not set is said to be', () => {
  expect(settingsText({ mode: '', pad: ' a', kind: 'fast', isOn: false })).toBe(
    "mode '', pad ' a', kind fast, isOn false",
  );
  expect(changesText({}, { mode: '' })).toBe("mode unset → ''");
});

test('settings that differ in no knob are named as configured', () => {
  expect(settingsText({ threads: 3, batchSize: 1 }, [])).toBe('as configured (threads 3, batchSize 1)');
  expect(settingsText({ threads: 3, batchSize: 1 }, ['threads'])).toBe('threads 3');
  expect(settingsText({})).toBe('no knobs');
});

test('a share too small to print is not printed as nothing', () => {
  expect(shareText(0.00001, 2)).toBe('< 0.01 %');
  expect(shareText(0)).toBe('0.0 %');
});

test('an e-value becomes the odds it bounds', () => {
  expect(oddsText(1.4)).toBe('chance would show as much');
  expect(oddsText(3190)).toBe('by chance at most once in 3,200');
  expect(oddsText(1_240_000)).toBe('by chance at most once in 1.2 million');
  expect(oddsText(45_000_000)).toBe('by chance at most once in 45 million');
  expect(oddsText(450_000_000)).toBe('by chance at most once in 450 million');
  expect(oddsText(1e12)).toBe('by chance less than once in a billion');
});

test('twice as good is half of a metric to be made smaller, with its ends swapped', () => {
  expect(asMetricChange({ estimate: 1, low: 0.25, high: 3, level: 0.99 }, 'minimize')).toEqual({
    estimate: -0.5,
    low: -0.75,
    high: -0.19999999999999996,
    level: 0.99,
  });
  fc.assert(
    fc.property(
      fc.double({ min: -0.9, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 5, noNaN: true }),
      (low, width) => {
        const turned = asMetricChange({ estimate: low, low, high: low + width, level: 0.9 }, 'minimize');
        expect(turned.low).toBeLessThanOrEqual(turned.high);
      },
    ),
  );
});

test('scales keep the order of values, and ticks lie inside', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      fc.double({ min: 1.01, max: 1e4, noNaN: true }),
      (low, factor) => {
        for (const scale of [linearScale([low, low * factor], [0, 500]), logScale([low, low * factor], [0, 500])]) {
          expect(scale(low)).toBeLessThan(scale(low * factor));
          for (const tick of scale.ticks) {
            expect(scale(tick)).toBeGreaterThanOrEqual(-1);
            expect(scale(tick)).toBeLessThanOrEqual(501);
          }
        }
      },
    ),
    // A narrow domain, just below a power of ten.
    { examples: [[0.00494554950000493, 1.0100000000000033]] },
  );
});

test('the scale of effects shows two percent and four hundred percent on one axis', () => {
  const scale = effectScale([-0.5, 5], [0, 500]);
  expect(scale(0.02) - scale(0)).toBeGreaterThan(15);
  expect(scale(4)).toBeLessThan(500);
  fc.assert(
    fc.property(
      fc.double({ min: -0.9, max: 50, noNaN: true }),
      fc.double({ min: 0.001, max: 5, noNaN: true }),
      (effect, more) => {
        expect(scale(effect)).toBeLessThan(scale(effect + more));
      },
    ),
  );
});

test('any text at all is escaped into well-formed markup', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
      (text) => {
        expect(xmlFault(html`<a b="${text}">${text}</a>`.text)).toBeNull();
      },
    ),
  );
  expect(escapeText(`<'&">`)).toBe('&lt;&#39;&amp;&quot;&gt;');
});

test('a number stays with its unit, and other words break as they like', () => {
  expect(prose('4.5 % of 61 µs, 3 settings')).toBe('4.5\u00a0% of 61\u00a0µs, 3 settings');
});
