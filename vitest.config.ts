/**
 * Tests run in forked processes: worker threads, process-wide flags and `kill -9` stay apart.
 * `sandtune` and its subpaths resolve to the sources, through the same `exports` map users get.
 */
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };
import { SkippedReporter } from './test/support/skipped-reporter.ts';

const condition = 'sandtune-source';

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

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Children and worker threads started by a test see the sources too.
    execArgv: [`--conditions=${condition}`],
    testTimeout: 20_000,
    hookTimeout: 20_000,
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
