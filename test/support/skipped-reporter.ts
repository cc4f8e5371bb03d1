/** Names every skipped test at the end of a run: a count alone does not say what was not looked at. */
import type { Reporter, TestModule } from 'vitest/node';

export class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    for (const test of skipped) process.stdout.write(`  ↓ ${test.fullName}\n`);
  }
}
