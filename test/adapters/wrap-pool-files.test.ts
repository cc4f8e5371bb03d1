import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import type { PiscinaPool } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildPool } from './pools.ts';

const pools: ReturnType<typeof buildPool>[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((one) => one.destroy()));
});

it('calls of a pool that name their file are counted apart by file, also where two files are called the same', async () => {
  const folder = temporaryFolder();
  const file = (...path: string[]) => {
    const name = join(folder, ...path);
    mkdirSync(join(name, '..'), { recursive: true });
    writeFileSync(name, 'export default () => 1; export const twice = () => 2;');
    return name;
  };
  const [resize, images, videos] = [file('resize.mjs'), file('images', 'run.mjs'), file('videos', 'run.mjs')] as const;
  const built = buildPool();
  pools.push(built);
  const wrapped = wrap(built as unknown as PiscinaPool);
  using open = wrapped.openWindow();
  await wrapped.run({});
  await wrapped.run({}, { filename: new URL('./pool-worker.ts', import.meta.url).href });
  await wrapped.run({ echo: 1 }, { name: 'shout' });
  for (const filename of [resize, pathToFileURL(resize).href, images, videos, images])
    await wrapped.run(0, { filename });
  await wrapped.run(0, { filename: resize, name: 'twice' });
  const { byFunction } = open.cut();
  const counts = Object.fromEntries(Object.entries(byFunction).map(([name, { latency }]) => [name, latency.count]));
  expect(counts).toEqual({
    default: 2,
    shout: 1,
    'resize.mjs': 2,
    'resize.mjs#twice': 1,
    'run.mjs': 2,
    'videos/run.mjs': 1,
  });
});

it('a call whose file is none is refused by the pool with its own error, and counts as rejected', async () => {
  const built = buildPool();
  pools.push(built);
  const wrapped = wrap(built as unknown as PiscinaPool);
  await expect(wrapped.run(0, { filename: 7 as never })).rejects.toThrow('filename argument must be a string');
  expect(wrapped.totals().outcomes).toMatchObject({ rejected: 1, trap: 0 });
});
