import { expect, it } from 'vitest';
import { measured } from '../../src/executor/measured.ts';

const one = (): number => 1;
it.each<readonly [string, object, RegExp]>([
  ['no name', { run: one }, /name: expected a non-empty string/],
  ['no run', { name: 'x' }, /run: expected a function, got undefined/],
  ['an unknown option', { name: 'x', run: one, maxQueue: 3 }, /measured\(\): no option 'maxQueue'/],
  ['knobs in a list', { name: 'x', run: one, knobs: [{ id: 'a' }] }, /knobs: expected an object of knobs by their ids/],
  ['an empty domain', { name: 'x', run: one, knobs: { a: { domain: [], value: 1 } } }, /knobs\.a\.domain: exp/],
  ['half a range', { name: 'x', run: one, knobs: { a: { domain: { min: 1, max: 2 }, value: 1 } } }, /a\.domain/],
  [
    'a value outside',
    { name: 'x', run: one, knobs: { a: { domain: ['b'], value: 'c' } } },
    /knobs\.a\.value: expected one of "b", got "c"/,
  ],
  ...(
    [
      [{ domain: [1, Number.NaN], value: 1 }, /knobs\.a\.domain: expected a list/],
      [{ domain: { min: 0, max: 8, scale: 'log', integer: true }, value: 1 }, /above 0 where scale is log/],
      [{ domain: { min: 0.5, max: 8, scale: 'linear', integer: true }, value: 1 }, /knobs\.a\.domain/],
      [{ domain: [1, 2], value: 1, moves: { up: 'live' } }, /knobs\.a\.moves\.down: expected one of 'live', 'gate'/],
      [{ domain: [1, 2], value: 1, cost: 3 }, /knobs\.a\.cost: expected one of 'per-unit'/],
      [{ domain: [1, 2], value: 1, actsUnder: 3 }, /knobs\.a\.actsUnder: expected values of other knobs, got 3/],
      [{ domain: [1, 2], value: 1, actsUnder: { b: 1 } }, /knobs\.a\.actsUnder: expected values of other knobs, by/],
      [{ domain: [1, 2], value: 1, actsUnder: { a: 1 } }, /knobs\.a\.actsUnder: expected values of other knobs, by/],
      [{ domain: [1, 2], value: 1, unit: 9 }, /knobs\.a\.unit: expected a non-empty string/],
    ] as const
  ).map(([a, message]) => [`the knob ${JSON.stringify(a)}`, { name: 'x', run: one, knobs: { a } }, message] as const),
  ['a knob without an id', { name: 'x', run: one, knobs: { '': { domain: [1, 2], value: 1 } } }, /id of a knob/],
  ['no setter', { name: 'x', run: one, knobs: { a: { domain: [1, 2], value: 1, set: 7 } } }, /a\.set: expected a/],
])('measured() refuses %s', (_, options, message) => {
  expect(() => measured(options as never)).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION', message: expect.stringMatching(message) }),
  );
});
