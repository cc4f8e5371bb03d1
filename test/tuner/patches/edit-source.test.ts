import { expect, it } from 'vitest';
import type { OptionSetting } from '../../../src/contracts.ts';
import { editSource } from '../../../tuner/patches/edit-source.ts';

const callees = ['createSandbox', 'wrap', 'measured'];

/** The source after the edit of its only call; null where no edit is offered. */
function edited(source: string, ...options: readonly Omit<OptionSetting, 'of'>[]): string | null {
  const callee = callees.find((one) => new RegExp(`\\b${one}\\b`).test(source)) ?? '';
  const at = source.search(new RegExp(`\\b${callee}\\b`));
  const line = source.slice(0, at).split('\n').length;
  const column = at - source.lastIndexOf('\n', at);
  const hunks = editSource(
    source,
    { callee, line, column },
    options.map((one) => ({ of: callee, ...one })),
  );
  if (hunks === null) return null;
  const lines = source.split('\n');
  for (const hunk of hunks.toReversed()) {
    const before = hunk.before === '' ? [] : hunk.before.split('\n');
    const from = before.length === 0 ? hunk.line : hunk.line - 1;
    // What a diff takes away must stand there.
    expect(lines.slice(from, from + before.length)).toEqual(before);
    lines.splice(from, before.length, ...(hunk.after === '' ? [] : hunk.after.split('\n')));
  }
  return lines.join('\n');
}

const first = (path: readonly string[], value: OptionSetting['value']) => ({ argument: 'first', path, value }) as const;
const second = (path: readonly string[], value: OptionSetting['value']) =>
  ({ argument: 'second', path, value }) as const;

it.each([
  [
    'a value in place of another',
    'await createSandbox({ guests, threads: 3 });',
    'await createSandbox({ guests, threads: 2 });',
  ],
  [
    'a value in place of an expression',
    'createSandbox({ threads: cpus(1, 2) ?? 3, guests })',
    'createSandbox({ threads: 2, guests })',
  ],
  ['a value in place of a shorthand', 'createSandbox({ guests, threads })', 'createSandbox({ guests, threads: 2 })'],
  [
    'an option that nobody wrote',
    "createSandbox({ guests: { a: '}' } })",
    "createSandbox({ guests: { a: '}' }, threads: 2 })",
  ],
  ['an option after a spread', 'createSandbox({ ...common })', 'createSandbox({ ...common, threads: 2 })'],
  ['an option of an empty object', 'createSandbox({})', 'createSandbox({ threads: 2 })'],
  [
    'an option on a line of its own',
    'const a = 1;\nconst sandbox = await createSandbox({\n  guests, // {\n  name: `x${{ y: 1 }}`,\n});\nconst b = 2;',
    'const a = 1;\nconst sandbox = await createSandbox({\n  guests, // {\n  name: `x${{ y: 1 }}`,\n  threads: 2,\n});\nconst b = 2;',
  ],
  [
    'an option that a later spread may hide',
    'createSandbox({ guests, threads: 3, ...more })',
    'createSandbox({ guests, ...more, threads: 2 })',
  ],
  [
    'an option in quotes, first of its line and before a spread,',
    "createSandbox({ 'threads': 3,\n  ...more })",
    'createSandbox({ \n  ...more, threads: 2 })',
  ],
  [
    'an option on a line of its own before a spread',
    'createSandbox({\n  guests,\n  // As few as do.\n  threads: 3, // or 4\n  ...more,\n})',
    'createSandbox({\n  guests,\n  // As few as do.\n  ...more,\n  threads: 2,\n})',
  ],
  [
    'an option after a line without a comma',
    'createSandbox({\n  guests\n})',
    'createSandbox({\n  guests,\n  threads: 2,\n})',
  ],
])('%s is written into the call', (_, before, after) => {
  expect(edited(before, first(['threads'], 2))).toBe(after);
});

it.each([
  ['an argument that is no literal', 'createSandbox(options)'],
  ['a range that a later spread may hide', 'createSandbox({ threads: { value: 3, max: 8 }, ...more })'],
  ['text that is not understood', 'createSandbox({ guests, threads: 3 '],
  ['another call', 'const createSandboxes = 1'],
])('no edit is offered for %s', (_, before) => {
  expect(edited(before, first(['threads'], 2))).toBeNull();
});

it('options of an object within the options are written into it, which is made where there is none', () => {
  const size = second(['batch', 'size'], 64);
  expect(edited('wrap(async (all) => all.map((n) => n), { batch: { size: 1 } })', size)).toBe(
    'wrap(async (all) => all.map((n) => n), { batch: { size: 64 } })',
  );
  expect(edited('wrap(storeAll, { name })', size)).toBe('wrap(storeAll, { name, batch: { size: 64 } })');
  expect(edited('wrap(storeAll)', size)).toBeNull();
  expect(edited('wrap(f, { concurrency: { value: 4, max: 8 } })', second(['concurrency'], 6))).toBe(
    'wrap(f, { concurrency: { value: 6, max: 8 } })',
  );
  expect(
    edited("measured({ knobs: { codec: { domain, value: 'gzip' } } })", first(['knobs', 'codec', 'value'], 'brotli')),
  ).toBe("measured({ knobs: { codec: { domain, value: 'brotli' } } })");
});

it('options of a pool are written where it is made, if that is in the call', () => {
  const threads = { argument: 'constructed', path: ['maxThreads'], value: 4 } as const;
  expect(edited('wrap(new Piscina<A, B>({ filename }))', threads)).toBe(
    'wrap(new Piscina<A, B>({ filename, maxThreads: 4 }))',
  );
  expect(edited('wrap(pool)', threads)).toBeNull();
});

it('several options are one edit, and lines between them stay out of it', () => {
  const source = 'createSandbox({\n  threads: 3,\n  guests,\n  load,\n  batchSize: 1,\n})';
  expect(edited(source, first(['threads'], 2), first(['batchSize'], 64), first(['name'], "it's"))).toBe(
    "createSandbox({\n  threads: 2,\n  guests,\n  load,\n  batchSize: 64,\n  name: 'it\\'s',\n})",
  );
  const hunks = editSource(source, { callee: 'createSandbox', line: 1, column: 1 }, [
    { of: '', ...first(['threads'], 2) },
    { of: '', ...first(['batchSize'], 64) },
  ]);
  const [hunk, ...others] = hunks ?? [];
  expect(others).toEqual([]);
  expect(hunk).toMatchObject({ line: 1, before: source, endsFile: true });
});
