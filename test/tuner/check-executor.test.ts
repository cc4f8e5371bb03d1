import { expect, it } from 'vitest';
import { tune } from '../../tuner/tune.ts';
import { ratedWorld } from '../support/tuned-world.ts';

it.each([['half'], [null], [1]])('an executor whose load is %o is refused', (load) => {
  const { executor } = ratedWorld({ rate: () => 1000 });
  expect(() => tune({ ...executor, load } as never, { stateDir: ':memory:' })).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_TARGET', message: expect.stringContaining('one whose load is') }),
  );
});
