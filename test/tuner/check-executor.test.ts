import { expect, it } from 'vitest';
import { tune } from '../../tuner/tune.ts';
import { ratedWorld } from '../support/tuned-world.ts';

it.each([['half'], [null], [1]])('an executor whose load is %o is refused', (load) => {
  const { executor } = ratedWorld({ rate: () => 1000 });
  expect(() => tune({ ...executor, load } as never, { stateDir: ':memory:' })).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_TARGET', message: expect.stringContaining('one whose load is') }),
  );
});

it.each([
  [{ way: 'bulk' }, /actsUnder of knob "size": expected ids of other knobs, got "way"/],
  [{ size: 1 }, /actsUnder of knob "size": expected ids of other knobs, got "size"/],
  [{ width: 0 }, /actsUnder of knob "size": expected "width" to be an integer from 1.*, got 0/],
])('a knob that has an effect only under %j, which never comes, is refused', (actsUnder, message) => {
  const knobs = [
    { id: 'size', defaultValue: 1, actsUnder: actsUnder as never },
    { id: 'width', defaultValue: 4 },
  ];
  expect(() => tune(ratedWorld({ rate: () => 1, knobs }).executor, { stateDir: ':memory:' })).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_KNOB', message: expect.stringMatching(message) }),
  );
});
