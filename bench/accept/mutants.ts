/**
 * Faults put into the tuner one at a time: each must make a test fail that is named for it. One that no
 * test notices is alive: what it breaks is guarded by nothing. The tests must pass without any of them.
 */
import { mutants as list } from './mutants/list.ts';
import { openCopy } from './mutants/mutated-copy.ts';
import type { Part } from './results.ts';
import { exactly, type Row } from './rows.ts';

export const mutants: Part = {
  fullCount: list.length,
  async run({ count, progress }) {
    const asked = list.slice(0, count);
    await using copy = await openCopy();
    const tests = [...new Set(asked.flatMap((one) => one.tests))];
    progress(`without any: ${tests.join(', ')}`);
    const sound = await copy.run(tests);
    const rows: Row[] = [exactly('tests that fail without any of them', sound.failed, 0)];
    if (sound.failed > 0 || sound.passed === 0) return { rows, runs: [sound] };
    for (const one of asked) {
      progress(one.name);
      const { failed } = await copy.runWith(one);
      rows.push({
        name: `${one.name}: ${failed > 0 ? 'killed' : 'ALIVE'}`,
        value: failed,
        limit: '≥ 1',
        passed: failed > 0,
      });
    }
    return { rows, runs: [] };
  },
};
