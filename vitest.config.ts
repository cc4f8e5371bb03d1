/**
 * Tests run in forked processes: worker threads, process-wide flags and `kill -9` stay apart. Those of
 * pure code share theirs, which saves a start each; the slowest files begin first, so that none of
 * them is waited for at the end.
 * `sandtune` and its subpaths resolve to the sources, through the same `exports` map users get.
 */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import manifest from './package.json' with { type: 'json' };
import { SkippedReporter } from './test/support/skipped-reporter.ts';

const condition = 'sandtune-source';

/** Children and worker threads of tests, hundreds of them, would each strip and compile the same sources again. */
const compiled = new URL('node_modules/.cache/sandtune-compiled', import.meta.url).pathname;

const alias = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string'
    ? []
    : [
        {
          find: new RegExp(`^${manifest.name}${subpath.slice(1)}$`),
          replacement: new URL(target[condition], import.meta.url).pathname,
        },
      ],
);

const pure = ['tuner', 'executor', 'measure', 'foundation', 'simulation', 'bench', 'exporters/report'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
/**
 * Whole programs, large ledgers and simulations, real waits: `npm run test:all` has them, and so has CI;
 * `npm test` does not, to stay quick.
 */
const long = [
  'adapters/closed-pool',
  'adapters/lost-calls',
  'bench/accept-knobs',
  'bench/accept-stream-crash',
  'bench/tuner/peers/peers',
  'bench/worlds/reference',
  'examples/crash',
  'examples/demo',
  'examples/demo-diff',
  'examples/http-service',
  'examples/sandbox-quickstart',
  'examples/stream-resume',
  'exporters/report/claims',
  'exporters/register/observe',
  'exporters/register/processes',
  'exporters/stored/report-of',
  'exporters/terminal/doctor/doctor',
  'exporters/terminal/ledger-commands',
  'exporters/terminal/read-only',
  'exporters/terminal/stream-command',
  'exporters/terminal/switch',
  'exporters/terminal/tune',
  'integration/sandbox/failing-start',
  'integration/sandbox/ring-workers',
  'package/rubbish/rubbish',
  'simulation/worlds',
  'store/trouble',
  'tuner/long-history',
  'tuner/predict/campaign',
  'tuner/shell/hostile-ledger',
].map((file) => `test/${file}.test.ts`);
const slowest = ['examples/demo', 'exporters/terminal/tune', 'integration/sandbox/knobs', 'examples/crash'].map(
  (file) => `/test/${file}.test.ts`,
);

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => slowest.some((end) => moduleId.endsWith(end));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

// oxlint-disable-next-line import/no-default-export -- it is what vitest reads
export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...pure, ...long] } },
      { extends: true, test: { name: 'together', include: pure, exclude: long, isolate: false } },
      { extends: true, test: { name: 'long', include: long } },
    ],
    sequence: { sequencer: SlowestFirst },
    pool: 'forks',
    // Many tests wait for workers and processes of their own: leaving a CPU free for the reporter would leave it idle.
    maxWorkers: '100%',
    // Children and worker threads started by a test see the sources too.
    execArgv: [`--conditions=${condition}`],
    // A machine with other things to do may take many times as long, to start a worker above all.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // Test files run beside each other: their tuners are not to wait for one another.
    env: { SANDTUNE_TURNS: 'process', NODE_COMPILE_CACHE: compiled },
    // A test file without tests is a mistake.
    passWithNoTests: false,
    // A skipped test says why in its name, which only the second reporter shows.
    reporters: [
      'default',
      new SkippedReporter(),
      ...(process.env['SANDTUNE_TEST_JSON']
        ? [['json', { outputFile: process.env['SANDTUNE_TEST_JSON'] }] satisfies [string, object]]
        : []),
    ],
  },
});
