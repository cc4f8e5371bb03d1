/** One name, one thing: what two files of the product export is never called the same. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

/** Each phase of the loop is a file with these two. */
const namesOfEveryPhase = ['enter', 'on'];

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type) ([A-Za-z_$][\w$]*)/gm;

/** Name → the files that declare and export it, where these are several. */
function namesTakenTwice(sources: ReadonlyMap<string, string>): Readonly<Record<string, readonly string[]>> {
  const files = new Map<string, Set<string>>();
  for (const [file, source] of sources) {
    for (const [, name = ''] of source.matchAll(declaration)) files.set(name, (files.get(name) ?? new Set()).add(file));
  }
  return Object.fromEntries([...files].filter(([, all]) => all.size > 1).map(([name, all]) => [name, [...all]]));
}

it('no two files of src, tuner and exporters export something of the same name', () => {
  const files = globSync('{src,tuner,exporters}/**/*.ts', { cwd: root });
  expect(files.length).toBeGreaterThan(200);
  const taken = namesTakenTwice(new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])));
  for (const name of namesOfEveryPhase) {
    expect(taken[name]?.every((file) => file.startsWith('tuner/loop/phases/'))).toBe(true);
  }
  expect(Object.keys(taken).filter((name) => !namesOfEveryPhase.includes(name))).toEqual([]);
});

it('a name that two files export is found, a second declaration in one file and a re-export are not', () => {
  const sources = new Map([
    [
      'a.ts',
      'export function wrap(one: string): string;\nexport function wrap(one: unknown) {}\nexport type Load = 1;',
    ],
    ['b.ts', "export { wrap } from './a.ts';\nexport interface Load {}"],
  ]);
  expect(namesTakenTwice(sources)).toEqual({ Load: ['a.ts', 'b.ts'] });
});
