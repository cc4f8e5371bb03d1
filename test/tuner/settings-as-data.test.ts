/** Ids of knobs and values of settings that nobody expects. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { report } from '../../exporters/index.ts';
import { measured } from '../../src/executor/measured.ts';
import { replay } from '../../tuner/replay.ts';
import { tune } from '../../tuner/tune.ts';
import { scanSettings } from '../support/scan-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { quickOptions, ratedWorld, tunedWorld } from '../support/tuned-world.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const settingsOf = (id: string, value: unknown) => Object.fromEntries([[id, value]]) as never;
const valueOf = (settings: object, id: string) => (Object.hasOwn(settings, id) ? settings[id as never] : undefined);

it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a.b', '0', 'größe 🚀', ' ', "it's"])(
  'a knob called %j is tried, committed, replayed and reported as any other',
  async (id) => {
    const { tuner, world } = tunedWorld({
      rate: (settings) => (Number(valueOf(settings, id)) >= 8 ? 15_000 : 10_000),
      knobs: [{ id, defaultValue: 1 }],
    });
    await expect(tuner.propose(settingsOf(id, 8))).resolves.toMatchObject({ decision: 'commit', trigger: 'better' });
    await tuner.settled();
    expect(valueOf(tuner.anchor, id)).toBe(8);
    await tuner.stop();
    expect(valueOf(world.settings(), id)).toBe(8);
    expect(replay(tuner.ledger).identical).toBe(true);
    expect(report(tuner.ledger).data.settings).toMatchObject({ knobs: [{ id, start: 1, chosen: 8 }] });
  },
);

it.each(['', 'x'.repeat(100_000), '\u001b[2J', 'a\nb', '\ud800', '\u009b2J', 5, null])(
  'a knob called %j is refused before anything begins, by a short message that a terminal can show',
  (id) => {
    const world = ratedWorld({ rate: () => 10_000, knobs: [{ id: id as string, defaultValue: 1 }] });
    const refused = () => tune(world.executor, quickOptions);
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_KNOB' }));
    expect(refused).toThrow(/^the id of a knob: expected 1 to 128 characters[\x20-\x7e]{0,200}$/);
  },
);

it.each([
  ['NaN', [1, Number.NaN], 1],
  ['an infinite number', [1, Infinity], 1],
  ['a text of 100 KB', ['a', 'x'.repeat(100_000)], 'a'],
  ['half a surrogate pair', ['a', '\ud800'], 'a'],
  ['an object', ['a', {}], 'a'],
  ['no value', [], 1],
  ['no list', 'ab', 'a'],
  ['a range to infinity', { min: 1, max: Infinity, scale: 'linear', integer: true }, 1],
])('a domain with %s is refused before anything begins', (_, domain, defaultValue) => {
  const knobs = [{ id: 'size', domain: domain as never, defaultValue: defaultValue as never }];
  expect(() => tune(ratedWorld({ rate: () => 1, knobs }).executor, quickOptions)).toThrow(
    expect.objectContaining({
      code: 'ERR_SANDTUNE_KNOB',
      message: expect.stringContaining('the domain of knob "size"'),
    }),
  );
  expect(() =>
    measured({ name: 'm', run: (n: number) => n, knobs: { size: { domain, value: defaultValue } } as never }),
  ).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION' }));
});

it.each([Number.NaN, Infinity, 0, '1', null, undefined])(
  'a default value of %j, outside the domain, is refused',
  (defaultValue) => {
    const world = ratedWorld({ rate: () => 1, knobs: [{ id: 'size', defaultValue: defaultValue as never }] });
    expect(() => tune(world.executor, quickOptions)).toThrow(
      /the defaultValue of knob "size": expected an integer from 1/,
    );
  },
);

const executor = ratedWorld({ rate: () => 1 }).executor;
it.each([
  undefined,
  null,
  5,
  {},
  { name: 'x', knobs: [] },
  ...['', '\u001b[2J', 'x'.repeat(1e5)].map((name) => ({ ...executor, name })),
])('what is no executor (%j) is refused by tune()', (given) => {
  expect(() => tune(given as never, quickOptions)).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_TARGET' }));
});

it('two knobs of one id are refused', () => {
  const { executor } = ratedWorld({ rate: () => 10_000 });
  const [knob] = executor.knobs;
  expect(() => tune({ ...executor, knobs: [knob!, knob!] }, quickOptions)).toThrow(/different ids, got "size" twice/);
});

it('values of text that hold quotes, line ends and controls are tried and replayed, and no page or terminal acts on them', async () => {
  const odd = '\u001b[31m"\'\\\n</script>';
  const { tuner } = tunedWorld({
    rate: ({ codec }) => (codec === odd ? 15_000 : 10_000),
    knobs: [{ id: 'codec', domain: ['plain', odd], defaultValue: 'plain' }],
  });
  await expect(tuner.propose({ codec: odd })).resolves.toMatchObject({ decision: 'commit', settings: { codec: odd } });
  await tuner.stop();
  expect(replay(tuner.ledger).identical).toBe(true);
  const { html } = report(tuner.ledger);
  expect(html).not.toContain('\u001b');
});

it('no settings are looked up by an id but through valueIn()', () => {
  expect(scanSettings(root, ['src', 'tuner', 'exporters', 'bench'])).toEqual([]);
});

it('a look-up in settings is found however it is written, and other look-ups are not', () => {
  const found = [
    'export const a = (settings: Settings, id: string) => settings[id];',
    'export const b = (one: { settings: Settings } | undefined, knob: { id: string }) => one?.settings[knob.id];',
    'export const c = (values: Record<string, string | number | boolean>, id: string) => { values[id] = 1; };',
    "export const d = (settings: Settings, id: 'a' | 'constructor') => settings[id];",
  ];
  const allowed = [
    "export const e = (settings: Settings) => settings['threads'];",
    'export const f = (names: Record<string, string>, id: string) => names[id];',
    'export const g = (values: readonly (string | number | boolean)[]) => values[0];',
  ];
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'tuner'));
  const type = 'type Settings = Readonly<Record<string, string | number | boolean>>;';
  writeFileSync(join(folder, 'tuner/sample.ts'), [type, ...found, ...allowed].join('\n'));
  const compilerOptions = { strict: true, module: 'nodenext', target: 'es2024', noEmit: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['tuner'] }));
  const lines = scanSettings(folder, ['tuner']).map((one) => one.split(':').slice(0, 2).join(':'));
  expect(lines).toEqual(found.map((_, index) => `tuner/sample.ts:${index + 2}`));
});
