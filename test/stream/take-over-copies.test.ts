import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckpointStorage, fileCheckpoints, fileSink, fileSource } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expected, jobIn, records, run, stream } from './job-support.ts';
import { claimedOnly, copiesIn, stoppedRun } from './take-over-support.ts';

describe('a copy of the output does not stay', () => {
  it('of a run that ends before it can claim it', async () => {
    const job = jobIn(temporaryFolder(), records);
    const older = await stoppedRun(job, fileSink(job.out));
    await expect(run({ ...job, source: join(job.folder, 'none.txt') }, {})).rejects.toThrow(/none\.txt/);
    expect(copiesIn(job)).toEqual([]);
    older.goesOn();
    await expect(older.running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
    await older.close();
  });

  it('of a run whose claim was not saved, once a later one has gone on in place', async () => {
    const job = jobIn(temporaryFolder(), records);
    const older = await stoppedRun(job, fileSink(job.out));
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    const full: CheckpointStorage = Object.assign(Object.create(checkpoints) as CheckpointStorage, {
      save: () => Promise.reject(new Error('full')),
      claim: () => Promise.reject(new Error('full')),
      fence: (of: string) => checkpoints.fence(of),
      restore: (of: string) => checkpoints.restore(of),
    });
    const taking = stream(2).run(fileSource(job.source), fileSink(job.out), { checkpoints: full, job: 'job' });
    await expect(taking).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT' });
    expect(copiesIn(job)).toEqual(['out.txt.2.taking']);
    older.goesOn();
    await expect(older.running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
    await Promise.all([older.close(), checkpoints.close()]);
    await run(job, {});
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
    expect(copiesIn(job)).toEqual([]);
  });

  it('that a run has claimed, once the output is begun anew', async () => {
    const job = jobIn(temporaryFolder(), records);
    const older = await stoppedRun(job, fileSink(job.out));
    await claimedOnly(job);
    older.goesOn();
    await expect(older.running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
    await older.close();
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    const anew = stream(2, { recovery: 'from-beginning' });
    await anew.run(fileSource(job.source), fileSink(job.out, { overwrite: true }), { checkpoints, job: 'job' });
    await checkpoints.close();
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
    expect(copiesIn(job)).toEqual([]);
  });

  it('that a run has claimed which was stopped before it put it in place', async () => {
    const job = jobIn(temporaryFolder(), records);
    const oldest = await stoppedRun(job, fileSink(job.out));
    const older = await stoppedRun(job, fileSink(job.out), {}, -1);
    expect(copiesIn(job)).toEqual(['out.txt.2.taking']);
    await run(job, {});
    expect(copiesIn(job)).toEqual([]);
    for (const { goesOn, running, close } of [oldest, older]) {
      goesOn();
      await expect(running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
      await close();
    }
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
  });
});
