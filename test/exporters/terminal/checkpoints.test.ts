import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databaseCheckpoints, fileCheckpoints } from '../../../src/stream/index.ts';
import { checkpoint } from '../../stream/checkpoint/support.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { sandtune } from './command.ts';

async function saved(open: (folder: string) => ReturnType<typeof fileCheckpoints>, job = 'job') {
  const folder = temporaryFolder();
  const storage = open(folder);
  const token = await storage.fence(job);
  for (const epoch of [1, 2]) await storage.save(checkpoint({ job, fencingToken: token, epoch }));
  const ids = (await storage.list()).map(({ id }) => id);
  await storage.close();
  return { folder, ids };
}

it('sandtune checkpoints lists those of a folder, the newest first, and says where a restart goes on', async () => {
  const { folder } = await saved((path) => fileCheckpoints(path));
  const { code, stdout, stderr } = await sandtune(folder, ['checkpoints', folder]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^job 'job': 2 checkpoints; a restart goes on behind 17 records \(run 1, epoch 2\)\n {2}run 1 {2}epoch 2 .* whole, behind 17 records .*\n {2}run 1 {2}epoch 1 .* whole, behind 17 records/,
  );
});

it('without a folder, those are found that a program keeps in `.sandtune/checkpoints`, and where none are, it says where it looked', async () => {
  const { folder } = await saved((path) => fileCheckpoints(join(path, '.sandtune', 'checkpoints')));
  const { code, stdout } = await sandtune(folder, ['checkpoints']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("job 'job': 2 checkpoints") });
  const nothing = temporaryFolder();
  const { stderr } = await sandtune(nothing, ['checkpoints', nothing]);
  for (const place of [nothing, join(nothing, 'checkpoints.sqlite'), join(nothing, 'checkpoints')])
    expect(stderr).toContain(`'${place}'`);
});

it('a checkpoint that is damaged is told with the reason, and the exit code is 1', async () => {
  const { folder, ids } = await saved((path) => fileCheckpoints(path));
  const path = join(folder, ids[0] ?? '');
  const bytes = readFileSync(path);
  bytes[bytes.length - 2] = 0;
  writeFileSync(path, bytes);
  const { code, stdout } = await sandtune(folder, ['checkpoints', folder]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /goes on behind 17 records \(run 1, epoch 1\)\n.*epoch 2 .*DAMAGED: checkpoint: expected the section 'metadata'/,
  );
  expect(readFileSync(path)).toEqual(bytes);
});

it('as JSON, of the database in the state folder, and of one job alone', async () => {
  const { folder } = await saved((path) => databaseCheckpoints(join(path, 'checkpoints.sqlite')), 'a');
  const { code, stdout } = await sandtune(folder, ['checkpoints', '--state-dir', folder, '--job', 'a', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    exitCode: 0,
    checkpoints: [
      { job: 'a', fencingToken: 1, epoch: 2, isWhole: true, isQuarantined: false },
      { job: 'a', epoch: 1, isWhole: true },
    ],
  });
  const { code: other, stderr } = await sandtune(folder, ['checkpoints', '--state-dir', folder, '--job', 'b']);
  expect(other).toBe(1);
  expect(stderr).toMatch(/expected checkpoints of job 'b' in .*, found none/);
});
