import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Trigger, triggers } from '../../../tuner/entries/triggers.ts';
import { scanComparisons } from '../../support/scan-comparisons.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '');
const all = Object.keys(triggers) as Trigger[];

test.each(all)('%s: harm is blamed, what is blamed rests, and what is kept is neither', (trigger) => {
  const { keeps, judgedBy, harms, blames, rests, again, voids, says } = triggers[trigger];
  if (harms) expect(blames).toBe(true);
  if (blames) expect(rests).toBe(true);
  // Nobody is blamed without having been looked at.
  if (blames || keeps) expect(judgedBy).not.toBeNull();
  if (keeps) expect(rests).toBe(false);
  if (again) expect([keeps, blames, rests, voids]).toEqual([null, false, false, 'nothing']);
  expect(says).not.toBe('');
});

test('no two triggers say the same', () => {
  expect(new Set(all.map((one) => triggers[one].says)).size).toBe(all.length);
});

test('what a trigger means stands in its row alone, and no prose is matched', () => {
  expect(scanComparisons(root, ['tuner', 'exporters', 'bench', 'examples'])).toEqual([]);
  // It reads every type of the project, which takes seconds even of a machine that has nothing else to do.
}, 120_000);

/** Each is one way to match what must not be matched, or one that must be allowed. */
const matched = [
  "export const a = (trigger: Trigger) => trigger === 'worse';",
  "export const b = (one: { trigger: string }) => 'worse' === one.trigger;",
  "export const c = (one: { trigger: Trigger | null }) => one.trigger?.startsWith('breaker');",
  "export const d = (ending: Trigger) => new Set<string>(['futile', 'no data']).has(ending);",
  "export function e(ending: Trigger) { switch (ending) { case 'off': return 1; default: return 2; } }",
  'export const f = (ending: Trigger, texts: Record<string, string>) => texts[ending];',
  "export const g = (one: { reason: string }) => one.reason === 'already in force';",
  "export const h = ({ reason }: { reason: string }) => reason.replace('a', 'b');",
  "export const i = (one: { reason: string | null }) => /stable/.test(one.reason ?? '') ;",
  "export const m = (one: { reason?: string }) => /x/.test(one.reason!) || (one.reason as string).includes('y');",
];
const allowed = [
  'export const j = (one: { trigger: Trigger | null; reason: string | null }) => one.trigger !== null && one.reason === null;',
  "export const k = (verdict: 'better' | 'worse' | 'inconclusive') => verdict === 'worse';",
  'export const l = (one: { trigger: Trigger; reason: string }) => `${one.trigger}: ${one.reason}`;',
];

test('a comparison of a trigger or of prose is found however it is written', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'tuner/entries/triggers.ts');
  mkdirSync(dirname(file), { recursive: true });
  cpSync(join(root, 'tuner/entries/triggers.ts'), file);
  const lines = ["import type { Trigger } from './entries/triggers.ts';", ...matched, ...allowed];
  writeFileSync(join(folder, 'tuner/sample.ts'), lines.join('\n'));
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['tuner'] }));
  const found = scanComparisons(folder, ['tuner']).map((one) => one.split(':').slice(0, 2).join(':'));
  expect([...new Set(found)]).toEqual(matched.map((_, index) => `tuner/sample.ts:${index + 2}`));
});
