/** Guests as they come from npm, unmodified, with the glue of their tools. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { type NpmGuest, npmGuests } from './catalogue.ts';

const entries = Object.entries(npmGuests);
let sandbox: Sandbox;

/** Each of them three times in one worker, twice to be kept. */
beforeAll(async () => {
  const guests = entries.flatMap(([, { guest }], index) => [
    [`kept-${index}`, guest] as const,
    [`beside-${index}`, guest] as const,
    [`anew-${index}`, { ...guest, instance: 'per-call' as const }] as const,
  ]);
  const ending = {
    module: assemble('(module)'),
    binding: new URL('./bindings/ending.mjs', import.meta.url),
    functions: ['end'],
  };
  sandbox = await createSandbox({
    guests: { ...Object.fromEntries(guests), ending },
    threads: 1,
    moduleCacheCapacity: 64,
  });
}, 240_000);
afterAll(() => sandbox?.close());

const ask = ({ ask: question }: NpmGuest, as: string) =>
  question((name, ...args) => sandbox.run({ function: `${as}.${name}`, args }));

it.each(entries)(
  '%s answers right in two instances by turns',
  async (name, guest) => {
    const index = entries.findIndex(([one]) => one === name);
    for (const as of ['kept', 'beside', 'kept', 'beside']) {
      expect(await ask(guest, `${as}-${index}`)).toEqual(guest.expected);
    }
  },
  240_000,
);

it('guests from npm answer right with an instance for each call', async () => {
  for (const [index, [, guest]] of entries.entries()) {
    expect(await ask(guest, `anew-${index}`)).toEqual(guest.expected);
    expect(await ask(guest, `anew-${index}`)).toEqual(guest.expected);
  }
}, 240_000);

it('guests from npm answer right after calls that threw, and took their instances along', async () => {
  const failed = entries.map(async ([, { guest }], index) => {
    const { functions = [] } = guest;

    return sandbox.run({ function: `kept-${index}.${functions[0]}`, args: [] }).then(
      () => false,
      () => true,
    );
  });
  expect((await Promise.all(failed)).filter(Boolean).length).toBeGreaterThan(5);
  for (const [index, [, guest]] of entries.entries()) expect(await ask(guest, `kept-${index}`)).toEqual(guest.expected);
}, 240_000);

it('guests from npm answer right after the death of their worker', async () => {
  await expect(sandbox.run({ function: 'ending.end' })).rejects.toMatchObject({ outcome: 'lost' });
  for (const [index, [, guest]] of entries.entries()) expect(await ask(guest, `kept-${index}`)).toEqual(guest.expected);
}, 240_000);
