/** Programs that make executors with a knob `concurrency`, or else `batchSize`, at 4, written in the ways people write. */

export interface Program {
  /** May lie in a folder. */
  readonly file: string;
  readonly source: string;
  /** True where the line cannot be edited for sure, so that the option is named. */
  readonly isOption?: true;
}

/** @param entry where `sandtune` is imported from */
export function programs(entry: string): readonly Program[] {
  const imports = `import { measured, wrap } from '${entry}';\n`;
  const program = (file: string, body: string, isOption?: true): Program => ({
    file,
    source: imports + body,
    ...(isOption && { isOption }),
  });
  return [
    program('one-line.mjs', 'export const executor = wrap(async (n) => n, { concurrency: 4 });\n'),
    program('lines.mjs', "export const executor = wrap(async (n) => n, {\n  name: 'lines',\n  concurrency: 4,\n});\n"),
    program(
      'tabs.ts',
      'const run = async (n: number): Promise<number> => n;\nexport const executor = wrap<number, number>(run, {\n\tconcurrency: 4 as number,\n});\n',
    ),
    program(
      'crlf.mjs',
      'const a = 1;\nexport const executor = wrap(async (n) => n, {\n  concurrency: 4,\n});\nexport { a };\n'.replaceAll(
        '\n',
        '\r\n',
      ),
    ),
    program('a folder/with spaces.mjs', 'export const executor = wrap(async (n) => n, { concurrency: 4 });\n'),
    program('computed.mjs', "export const executor = wrap(async (n) => n, { ['concurrency']: 4 });\n"),
    program(
      'comments.mjs',
      'export const executor = wrap(\n  async (n) => n, // {\n  /* ) */ {\n    // concurrency: 1,\n    concurrency /* calls */ : /* two */ 4 /* of them */, // {\n  },\n);\n',
    ),
    program(
      'machine.mjs',
      "import { availableParallelism } from 'node:os';\nexport const executor = wrap(async (n) => n, {\n  concurrency: { value: Number(process.env.NONE ?? 1) + 0 * availableParallelism(), max: 64 },\n});\n",
    ),
    program('no-line-end.mjs', 'export const executor = wrap(async (n) => n, { concurrency: 4 });'),
    program(
      'no-line-end-after.mjs',
      'export const executor = wrap(async (n) => n, {\n  concurrency: 4,\n});\n// the end',
    ),
    program(
      'quotes.mjs',
      "export const executor = measured({ name: 'quotes', run: async (s) => String(s).replace(/'[}/]/g, `${1 / 2}`), knobs: { concurrency: { domain: [4, 6], value: 4 } } });\nexport const more = 'it';\n",
    ),
    program(
      'emoji.mjs',
      '// \u26a0\ufe0f concurrency was chosen by hand\nexport const executor = wrap(async (n) => n, { concurrency: 4 });\n// the end\n',
    ),
    {
      file: 'required.cjs',
      source: `const sandtune = require('${entry.replace('file://', '')}');\nexports.executor = sandtune\n  .wrap(async (n) => n, { concurrency: 4 });\n`,
    },
    program(
      'two.mjs',
      'export const other = wrap(async (n) => n, { concurrency: 4 });\n// 1\n// 2\n// 3\n// 4\nexport const executor = wrap(async (n) => n, { concurrency: 4 });\n',
    ),
    program(
      'one-of-helper.mjs',
      'const make = (more) => wrap(async (n) => n, { ...more, name: "a" });\nexport const executor = make({ concurrency: 4 });\n',
    ),
    program(
      'built.mjs',
      'const defaults = () => ({ concurrency: 4 });\nexport const executor = wrap(async (n) => n, { ...defaults() });\n',
    ),
    {
      file: 'sandbox.mts',
      source: `import { createSandbox } from '${entry}';\nconst module = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);\nexport const executor = await createSandbox({\n  guests: { none: { module } },\n  threads: 1,\n  batchSize: 4,\n});\n`,
    },
    {
      file: 'byte-order-mark.mjs',
      source: `\ufeff${imports}export const executor = wrap(async (n) => n, {\n\tconcurrency: 4,\n});\n`,
    },
    program(
      'shorthand.mjs',
      'const concurrency = 4;\nexport const executor = wrap(async (n) => n, { concurrency });\n',
    ),
    program(
      'variable.mjs',
      'const options = { concurrency: 4 };\nexport const executor = wrap(async (n) => n, options);\n',
      true,
    ),
    program(
      'loop.mjs',
      "export const [other, executor] = ['a', 'b'].map((name) => wrap(async (n) => n, { name, concurrency: 4 }));\n",
      true,
    ),
    program(
      'helper.mjs',
      'const make = (name, more) => wrap(async (n) => n, { ...more, name });\nexport const other = make("a", { concurrency: 4 });\nexport const executor = make("b", { concurrency: 4 });\n',
      true,
    ),
    program(
      'spread.mjs',
      'const more = { concurrency: 4 };\nexport const executor = wrap(async (n) => n, { concurrency: 3, ...more });\n',
    ),
    program('renamed.mjs', 'const w = wrap;\nexport const executor = w(async (n) => n, { concurrency: 4 });\n', true),
    program(
      'minified.mjs',
      `export const executor = wrap(async (n) => n, { concurrency: 4 }), data = '${'x'.repeat(2_000)}';\n`,
      true,
    ),
  ];
}
