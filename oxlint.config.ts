/**
 * What the linter enforces: the layers (arrows point down only), one door for each heavy
 * dependency, no circles, no stray clock or chance, no lost promise, no file above 300 lines.
 *
 * Of all overrides that match a file the last one replaces a rule's whole configuration. So each
 * room's restrictions are computed here, complete, from two tables; a special room comes after the
 * room it lies in.
 */
import { defineConfig, type OxlintOverride } from 'oxlint';

/** Top-level folders, lowest first: none may import one after it. */
const layers = ['src', 'tuner', 'exporters', 'bench', 'test'];

/** Rooms of a folder, lowest first: none may import one after it, nor one beside it. */
const roomLayers: Record<string, readonly (readonly string[])[]> = {
  src: [['foundation'], ['store', 'measure', 'bindings'], ['executor'], ['sandbox', 'adapters'], ['stream']],
  exporters: [['words'], ['report', 'otlp'], ['stored'], ['terminal']],
};

/** A heavy dependency (a regular expression) and the only rooms that may import it. */
const doors: Record<string, readonly string[]> = {
  piscina: [
    'src/sandbox/run/pool.ts',
    'src/sandbox/run/worker*.ts',
    'src/adapters/**',
    'bench/**',
    'test/**',
    'examples/**',
  ],
  'hdr-histogram-js': ['src/measure/**', 'exporters/hdr-log*', 'test/**'],
  '@opentelemetry/api': ['src/measure/**', 'exporters/otlp/**', 'test/**', 'examples/**'],
  '@opentelemetry/(sdk|exporter|resources|otlp|core).*': [
    'exporters/otlp/**',
    'bench/core/otel-histogram.ts',
    'test/**',
    'examples/**',
  ],
  acorn: ['src/sandbox/evaluate/**', 'bench/accept/wrap/own-tests/**', 'test/**'],
  'simple-statistics': ['tuner/trial/statistics.ts', 'bench/**', 'test/**'],
  'ml-.+': ['tuner/**', 'bench/**', 'test/**'],
};

const ownRooms = [...layers, 'examples'].map((folder) => `${folder}/**`);
const foundation = 'src/foundation/**';
const innerRooms = Object.entries(roomLayers).flatMap(([folder, names]) =>
  names.flat().map((room) => `${folder}/${room}/**`),
);
const rooms = [...new Set([...ownRooms, ...innerRooms, ...Object.values(doors).flat()])];

const timeModules = ['timers', 'timers/promises', 'perf_hooks'].flatMap((name) => [name, `node:${name}`]);
const takeTime = 'Take a Clock or Timers as an argument (src/foundation/clock.ts).';
const takeChance = 'Take a RandomSource as an argument (src/foundation/random.ts).';

function restrictedImports(room: string): OxlintOverride {
  const folder = room.slice(0, room.indexOf('/'));
  const program = folder === 'examples';
  const product = ['src', 'tuner', 'exporters'].includes(folder);
  const forbidden = program ? layers : [...layers.slice(layers.indexOf(folder) + 1), 'examples'];
  const inner = (roomLayers[folder] ?? []).map((names) => names.join(', ')).join(' < ');
  const why = program ? 'examples import the package by name, as a user would' : 'arrows point down only';
  return {
    files: [room],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths:
            room !== foundation && (product || folder === 'bench')
              ? timeModules.map((name) => ({ name, message: takeTime }))
              : [],
          patterns: [
            // test/ and bench/ may run an example's parts; nobody else looks into examples.
            ...forbidden
              .filter((other) => !(['test', 'bench'].includes(folder) && other === 'examples'))
              .map((other) => ({
                regex: `^(\\.{1,2}/)+${other}/`,
                message: `${folder}/ must not import ${other}/: ${why}.`,
              })),
            ...roomsAbove(room).map((other) => ({
              regex: `^(\\.{1,2}/)+${other}/`,
              message: `Inside ${folder}: ${inner}; not ${other}/ from here.`,
            })),
            ...(product ? [{ regex: '^sandtune(/|$)', message: 'Inside the package, import by relative path.' }] : []),
            ...Object.entries(doors)
              .filter(([, open]) => !open.includes(room))
              .map(([name, open]) => ({
                regex: `^${name}$`,
                message: `This dependency has its door in ${open.join(', ')} only.`,
              })),
          ],
        },
      ],
    },
  };
}

/** Of 'src/measure/**' and 'src/measure/histogram.ts' alike; src/index.ts sees all of them. */
function roomsAbove(room: string): readonly string[] {
  const [folder = '', own = ''] = room.split('/');
  const levels = roomLayers[folder] ?? [];
  const at = levels.findIndex((names) => names.includes(own));
  if (at < 0) return [];
  return [...(levels[at] ?? []).filter((name) => name !== own), ...levels.slice(at + 1).flat()];
}

const clockReads = [
  { object: 'Date', property: 'now', message: takeTime },
  { object: 'performance', property: 'now', message: takeTime },
  { object: 'process', property: 'hrtime', message: takeTime },
];
const chance = { object: 'Math', property: 'random', message: takeChance };

export default defineConfig({
  options: { typeAware: true },
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error' },
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'max-lines': ['error', { max: 300, skipBlankLines: true }],
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-var': 'error',
    'prefer-const': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    // What was caught may be passed on as it is, and a signal's reason may be anything.
    'typescript/only-throw-error': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
    'typescript/prefer-promise-reject-errors': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
    'typescript/unbound-method': ['error', { ignoreStatic: true }],
    // `then: 'observe'` names the next phase; only a function would make a value thenable.
    'unicorn/no-thenable': 'off',
  },
  overrides: [
    ...rooms.map(restrictedImports),
    {
      files: ['src/**', 'tuner/**', 'exporters/**', 'bench/**'],
      // Acceptance is a set of programs that run for minutes: they may look at the clock.
      excludeFiles: [foundation, 'bench/accept/**'],
      rules: {
        'no-restricted-globals': [
          'error',
          ...['setTimeout', 'setInterval'].map((name) => ({ name, message: takeTime })),
        ],
        'no-restricted-properties': ['error', ...clockReads, chance],
      },
    },
    // Tests, examples and acceptance may wait on real time; chance is always seeded.
    { files: ['test/**', 'examples/**', 'bench/accept/**'], rules: { 'no-restricted-properties': ['error', chance] } },
    // A binding module takes the package's types as they were built last.
    { files: ['test/**', 'examples/support/*-binding.mjs'], rules: { 'typescript/unbound-method': 'off' } },
    { files: ['src/**', 'tuner/**'], rules: { 'no-console': 'error' } },
    // piscina loads a worker's default export.
    {
      files: ['src/sandbox/run/worker*.ts', 'bench/**/*worker*', 'test/**/*worker*', 'examples/**/*worker*'],
      rules: { 'import/no-default-export': 'off' },
    },
    { files: ['**/*.cjs'], rules: { 'no-var': 'off' } },
  ],
});
