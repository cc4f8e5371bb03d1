import { expect, it } from 'vitest';
import { allCells } from '../../bench/accept/stream-edges/cells.ts';
import { Stage } from '../../bench/accept/stream-edges/stage.ts';
import { plantedLeak, visitAll } from '../../bench/accept/stream-edges.ts';

const spread = 19;
/** Each was wrong once. */
const mended = [
  'run(), fencing × abort',
  'run(), opening the sink × abort',
  'run(), opening the source × abort',
  'run(), idle × store is fenced off',
  'run(), idle × source throws',
  'run(), idle × record too long',
  'asTransformStream(), not asked × is left',
  'process(), waiting × is asked twice at once',
];
const isQuick = (name: string) => !/guest that traps on one record|one million|its checkpoint|grown/.test(name);

it('a sample of the cells of stream-edges ends as documented, with nothing held', async () => {
  const stage = new Stage();
  const sample = allCells.filter(({ name }, i) => mended.includes(name) || (i % spread === 0 && isQuick(name)));
  expect(sample.map(({ name }) => name)).toEqual(expect.arrayContaining(mended));
  expect(sample.length).toBeGreaterThan(mended.length + 15);
  const visited = await visitAll(sample, stage, { count: 1, seed: 3, size: 2 ** 22, progress: () => {} });
  expect(visited.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(visited.every(({ visits }) => visits === 1)).toBe(true);
});

it('a leak that is planted is found by the same test', async () => {
  expect(await plantedLeak(new Stage())).toBe(1);
});

it('no two cells have one name', () => {
  expect(new Set(allCells.map(({ name }) => name)).size).toBe(allCells.length);
  expect(allCells.length).toBeGreaterThan(300);
});
