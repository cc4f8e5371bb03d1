import { expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { measured } from '../../src/executor/measured.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import { buildPool } from '../adapters/pools.ts';

/** A module with nothing in it. */
const emptyModule = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const closed = expect.objectContaining({ code: 'ERR_SANDTUNE_CLOSED' });

const kinds = {
  'a wrapped function': async () => wrap(async (input: number) => input + 1),
  'a wrapped pool': async () => wrap(buildPool()),
  'what measured() made': async () => measured({ name: 'own', knobs: {}, run: (input: number) => input + 1 }),
  'a sandbox': () => createSandbox({ guests: { g: { module: emptyModule } }, threads: 1 }),
};

it.each(Object.entries(kinds))(
  '%s opens no window once it was closed, and ends those that are open',
  async (_, make) => {
    const executor = await make();
    using open = executor.openWindow();
    await executor.close();
    expect(() => executor.openWindow()).toThrow(closed);
    expect(open.cut()).toMatchObject({ offered: 0, backlogAtEnd: 0 });
    expect(() => open.cut()).toThrow(closed);
  },
);

it('what was called before an executor was closed is in the window that was open then', async () => {
  const late = Promise.withResolvers<number>();
  const executor = wrap(async (input: number) => (input === 0 ? late.promise : input));
  using open = executor.openWindow();
  const calls = [executor.run(1), executor.run(0)];
  const closing = executor.close();
  await calls[0];
  expect(open.cut()).toMatchObject({ offered: 2, outcomes: { ok: 1 }, backlogAtEnd: 1 });
  late.resolve(2);
  await closing;
  expect(open.cut()).toMatchObject({ offered: 0, outcomes: { ok: 1 }, backlogAtEnd: 0 });
  expect(() => open.cut()).toThrow(closed);
});
