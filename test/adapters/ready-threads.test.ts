import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PiscinaPool } from '../../src/adapters/piscina/piscina-shape.ts';
import { ReadyThreads } from '../../src/adapters/piscina/ready-threads.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildPool } from './pools.ts';

it('threads whose file never ends loading are not waited for without bound, and are not taken for ready', async () => {
  const filename = join(temporaryFolder(), 'loads-for-ever.mjs');
  writeFileSync(filename, 'await new Promise((resolve) => setInterval(() => resolve, 1e6)); export default () => 1;');
  const pool = buildPool({ filename, minThreads: 0, maxThreads: 2 });
  const ready = new ReadyThreads({
    pool: pool as unknown as PiscinaPool,
    whileNoneTakes: (run) => run(),
    longestStartMs: 50,
  });
  await ready.start(2);
  expect(ready.areAllReady).toBe(false);
  await expect(ready.provide(2)).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_KNOB',
    message: 'threads: expected 2 that are ready, got 0: the others did not tell of their start in time',
  });
  ready.dispose();
  await pool.destroy();
});
