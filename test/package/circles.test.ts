/**
 * No file leads back to itself by way of its imports, `import()` and types counted too: the linter's
 * own rule leaves `import()` out.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const folders = ['src', 'tuner', 'exporters', 'bench', 'test', 'examples'];

/** File → its source. */
type Sources = ReadonlyMap<string, string>;

/** Statements stand at the beginning of a line, so that a program inside a test's text is none. */
const statement = /^(?:import\s*|(?:import|export)\b[^'";]*\bfrom\s*)'(\.{1,2}\/[^']+)'/gm;
const call = /\bimport\(\s*'(\.{1,2}\/[^']+)'\s*\)/g;

function importsOf(file: string, source: string): readonly string[] {
  return [statement, call].flatMap((form) =>
    [...source.matchAll(form)].map(([, path]) => posix.join(posix.dirname(file), path as string)),
  );
}

/** The first way found that leads from a file back to itself, in order; empty when there is none. */
function circleIn(sources: Sources): readonly string[] {
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): readonly string[] => {
    const from = way.indexOf(file);
    if (from >= 0) return [...way.slice(from), file];
    const source = sources.get(file);
    if (source === undefined || done.has(file)) return [];
    for (const next of importsOf(file, source)) {
      const found = walk(next, [...way, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of sources.keys()) {
    const found = walk(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe('imports', () => {
  it('imports of the whole project form no circle', () => {
    const files = globSync(`{${folders.join(',')}}/**/*.{ts,mts,mjs}`, { cwd: root });
    expect(files.length).toBeGreaterThan(300);
    expect(circleIn(new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])))).toEqual([]);
  });

  it.each([
    ['a call of import()', "const b = () => import('./b.ts');"],
    ['a type', "import type { B } from './b.ts';"],
    ['a list over several lines', "import {\n  b,\n  c,\n} from './b.ts';"],
    ['a re-export', "export { b } from './b.ts';"],
  ])('imports that lead back by %s are found to be a circle', (_, forth) => {
    const sources = new Map([
      ['bench/a.ts', forth],
      ['bench/b.ts', "import { a } from './c.ts';"],
      ['bench/c.ts', "import { a } from './a.ts';"],
    ]);
    expect(circleIn(sources)).toEqual(['bench/a.ts', 'bench/b.ts', 'bench/c.ts', 'bench/a.ts']);
    expect(circleIn(new Map([...sources, ['bench/c.ts', '']]))).toEqual([]);
  });
});
