import { expect, it } from 'vitest';
import type { Knob } from '../../../src/contracts.ts';
import { patchOf } from '../../../tuner/shell/held-knob.ts';
import { bomb } from '../../support/misbehaving.ts';
import { ratedWorld } from '../../support/tuned-world.ts';

const [size] = ratedWorld({ rate: () => 1000 }).executor.knobs;
const knobThatGives = (patch: unknown) => ({ ...size, patch: () => patch }) as unknown as Knob;

it.each([[{ file: 'server.ts', before: 'size: 1', after: 'size: 8' }], [{ before: '', after: 'size: 8' }]])(
  'a patch of texts is passed on as it is: %j',
  (patch) => {
    expect(patchOf(knobThatGives(patch), 8)).toEqual(patch);
  },
);

it('a patch keeps nothing of what a knob gives beside its texts', () => {
  const given = { before: 'size: 1', after: 'size: 8', secret: 1, file: undefined };
  expect(patchOf(knobThatGives(given), 8)).toStrictEqual({ before: 'size: 1', after: 'size: 8' });
});

it.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'size: 8'],
  ['no text to be replaced', { after: 'size: 8' }],
  ['a number for a text', { before: 'size: 1', after: 8 }],
  ['no text for the file', { file: 1, before: 'size: 1', after: 'size: 8' }],
  ['a promise', Promise.resolve({ before: 'size: 1', after: 'size: 8' })],
])('a knob that gives %s for a patch is refused by name', (_, given) => {
  expect(() => patchOf(knobThatGives(given), 8)).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_KNOB', message: expect.stringMatching(/^size: expected patch\(\)/) }),
  );
});

it('what throws when a patch is looked at is passed on', () => {
  expect(() => patchOf(knobThatGives(bomb()), 8)).toThrow('bomb');
});
