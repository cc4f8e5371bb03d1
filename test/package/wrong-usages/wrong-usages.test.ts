/**
 * Each error of wrong usages, in one table: `table.txt`, which is there to be read. After a change, write it
 * anew (`npx vitest run test/package/wrong-usages -u`) and read what changed as somebody who sees it for the
 * first time: does it say what was expected, and what came?
 */
import { expect, it } from 'vitest';
import { tableText, wrongUsageRows } from './table.ts';

it('every wrong usage of the API and of the command is refused in words of ours that are in the table', async () => {
  const rows = await wrongUsageRows();
  expect(rows.filter(({ isOurs }) => !isOurs)).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(80);
  await expect(tableText(rows)).toMatchFileSnapshot('table.txt');
}, 180_000);
