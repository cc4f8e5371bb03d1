import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'sandtune-lint-'));

/** Rooms of a folder and those each may import: every other one is refused. */
const innerRooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  src: {
    foundation: [],
    store: ['foundation'],
    measure: ['foundation'],
    bindings: ['foundation'],
    executor: ['foundation', 'store', 'measure', 'bindings'],
    sandbox: ['foundation', 'store', 'measure', 'bindings', 'executor'],
    adapters: ['foundation', 'store', 'measure', 'bindings', 'executor'],
    stream: ['foundation', 'store', 'measure', 'bindings', 'executor', 'sandbox', 'adapters'],
  },
  exporters: { words: [], report: ['words'], otlp: ['words'], terminal: ['words', 'report', 'otlp'] },
};

/** One file a pair of rooms, also where a room has rooms of its own. */
const innerCases = Object.entries(innerRooms).flatMap(([folder, rooms]) =>
  Object.entries(rooms).flatMap(([from, allowed]) =>
    Object.keys(rooms)
      .filter((to) => to !== from)
      .flatMap((to) => {
        const rule = allowed.includes(to) ? null : 'no-restricted-imports';
        return [
          [`${folder}/${from}/to-${to}.ts`, rule, `import '../${to}/made-up.ts';`],
          [`${folder}/${from}/run/to-${to}.ts`, rule, `import '../../${to}/made-up.ts';`],
        ] as const;
      }),
  ),
);

/** File → what is wrong in it: a rule, or nothing. */
const cases: readonly (readonly [file: string, rule: string | null, source: string])[] = [
  ['src/up.ts', 'no-restricted-imports', "import '../tuner/entries.ts';"],
  ['src/sandbox/run/pool.ts', 'no-restricted-imports', "import '../../../exporters/report/words.ts';"],
  ['tuner/up.ts', 'no-restricted-imports', "import '../exporters/report/words.ts';"],
  ['exporters/up.ts', 'no-restricted-imports', "import '../bench/suite.ts';"],
  ['exporters/down.ts', null, "import '../tuner/entries.ts'; import '../src/contracts.ts';"],
  ['examples/inside.ts', 'no-restricted-imports', "import '../src/contracts.ts';"],
  ['examples/by-name.ts', null, "import 'sandtune'; import 'sandtune/tuner'; import 'piscina';"],
  ['tuner/by-name.ts', 'no-restricted-imports', "import 'sandtune';"],
  ['src/sandbox/door.ts', 'no-restricted-imports', "import 'piscina';"],
  ['src/adapters/door.ts', null, "import 'piscina';"],
  ['src/sandbox/histogram.ts', 'no-restricted-imports', "import 'hdr-histogram-js';"],
  ['src/sandbox/run/parser.ts', 'no-restricted-imports', "import 'acorn';"],
  ['src/sandbox/evaluate/parser.ts', null, "import 'acorn';"],
  ['src/measure/doors.ts', null, "import 'hdr-histogram-js'; import '@opentelemetry/api';"],
  ['tuner/api.ts', 'no-restricted-imports', "import '@opentelemetry/api';"],
  ['exporters/sdk.ts', 'no-restricted-imports', "import '@opentelemetry/sdk-node';"],
  ['exporters/otlp/sdk.ts', null, "import '@opentelemetry/sdk-node';"],
  ['src/statistics.ts', 'no-restricted-imports', "import 'simple-statistics';"],
  ['src/fit.ts', 'no-restricted-imports', "import 'ml-levenberg-marquardt';"],
  ['tuner/trial/mean.ts', 'no-restricted-imports', "import 'simple-statistics';"],
  ['tuner/trial/statistics.ts', null, "import 'simple-statistics';"],
  ['tuner/fit.ts', null, "import 'ml-levenberg-marquardt';"],
  ['src/circle-a.ts', 'no-cycle', "import { b } from './circle-b.ts'; export const a = () => b;"],
  ['src/circle-b.ts', 'no-cycle', "import { a } from './circle-a.ts'; export const b = () => a;"],
  [
    'src/lost-promise.ts',
    'no-floating-promises',
    'async function f(): Promise<void> {}\nexport function g(): void { f(); }',
  ],
  ['tuner/clock.ts', 'no-restricted-properties', 'export const at = Date.now();'],
  ['tuner/now.ts', 'no-restricted-properties', 'export const at = performance.now();'],
  ['exporters/chance.ts', 'no-restricted-properties', 'export const at = Math.random();'],
  ['test/chance.ts', 'no-restricted-properties', 'export const at = Math.random();'],
  ['src/wait.ts', 'no-restricted-globals', 'export const at = setTimeout(() => undefined, 1);'],
  ['src/sleep.ts', 'no-restricted-imports', "import 'node:timers/promises';"],
  [
    'src/foundation/time.ts',
    null,
    "import 'node:timers/promises'; export const at = [Date.now(), performance.now(), Math.random()];",
  ],
  ['src/default.ts', 'no-default-export', 'export default 1;'],
  ['src/any.ts', 'no-explicit-any', 'export const a: any = 1;'],
  // Those with a door of their own are held to the same rooms.
  ['src/sandbox/run/worker-up.ts', 'no-restricted-imports', "import '../../adapters/made-up.ts';"],
  ['src/index.ts', null, "import './adapters/made-up.ts'; import './sandbox/made-up.ts';"],
  ...innerCases,
  ['src/long.ts', 'max-lines', Array.from({ length: 301 }, (_, i) => `export const a${i} = ${i};`).join('\n')],
];

let found: { readonly filename: string; readonly code: string }[];

beforeAll(() => {
  for (const name of ['oxlint.config.ts', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, , source] of cases) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${source}\n`);
  }
  let json: string;
  try {
    json = execFileSync(
      'node_modules/.bin/oxlint',
      ['--format=json', 'src', 'tuner', 'exporters', 'test', 'examples'],
      { cwd: folder, encoding: 'utf8' },
    );
  } catch (error) {
    json = (error as { stdout: string }).stdout;
  }
  found = (JSON.parse(json) as { diagnostics: typeof found }).diagnostics;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the linter', () => {
  it.each(cases)('the linter answers %s with the rule %s', (file, rule) => {
    const codes = found
      .filter(({ filename }) => filename === file)
      .map(({ code }) => code.replace(/^.*\((.*)\)$/, '$1'));
    expect([...new Set(codes)]).toEqual(rule === null ? [] : [rule]);
  });
});
