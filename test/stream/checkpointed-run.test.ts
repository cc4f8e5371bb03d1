import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { databaseCheckpoints, databaseSink, fileCheckpoints, fileSource, functionSink } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expected, jobIn, killedAt, records, run, stream } from './job-support.ts';
import { textOf } from './stream-support.ts';

describe('a run with checkpoints', () => {
  it('resumes after an abort where its last checkpoint stands, and repeats nothing that was acknowledged', async () => {
    const job = jobIn(temporaryFolder(), records);
    const controller = new AbortController();
    const running = run(job, {}, controller.signal);
    const ended = running.catch(() => {});
    while (readFileSync(job.out, { flag: 'a+' }).length < 5000) await turn();
    controller.abort(new Error('stop'));
    await ended;
    await expect(running).rejects.toThrow('stop');
    const summary = await run(job, {});
    expect(summary.resumedFrom).toBeGreaterThan(0);
    expect(summary.read).toBeLessThan(records.length);
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
  });

  it('is byte for byte the same however often it is killed, effectively once', async () => {
    const job = jobIn(temporaryFolder(), records);
    for (const bytes of [1, 2000, 9000, 15_000]) await killedAt(job, 'effectively-once', bytes);
    const summary = await run(job, { delivery: 'effectively-once' });
    expect(summary.resumedFrom).toBeGreaterThan(0);
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
  });

  it('loses nothing however often it is killed, at least once, and repeats no more than since the last checkpoint', async () => {
    const job = jobIn(temporaryFolder(), records);
    for (const bytes of [1, 2000, 9000, 15_000]) await killedAt(job, 'at-least-once', bytes);
    await run(job, { delivery: 'at-least-once' });
    const got = readFileSync(job.out, 'utf8').split('\n').slice(0, -1);
    expect([...new Set(got)].join('\n')).toBe(expected.trimEnd());
  });

  it('changes nothing where the run before it had ended', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 100));
    await run(job, {});
    const once = readFileSync(job.out, 'utf8');
    expect(await run(job, {})).toMatchObject({ read: 0, delivered: 0 });
    expect(readFileSync(job.out, 'utf8')).toBe(once);
  });

  it('commits output and checkpoint together where both are in one database', async () => {
    const folder = temporaryFolder();
    const job = jobIn(folder, records);
    const file = join(folder, 'all.sqlite');
    const attempt = async (stopAt: number) => {
      const checkpoints = databaseCheckpoints(file);
      const controller = new AbortController();
      const processor = stream(stopAt, { delivery: 'effectively-once' });
      const running = processor.run(fileSource(job.source, { pieceBytes: 1024 }), databaseSink(file), {
        checkpoints,
        job: 'job',
        signal: controller.signal,
      });
      const ended = running.catch(() => {});
      while (stopAt > 0 && processor.progress().delivered < stopAt) await turn();
      if (stopAt > 0) controller.abort(new Error('stop'));
      else await running;
      await ended;
      await checkpoints.close();
    };
    await attempt(500);
    await attempt(700);
    await attempt(0);
    const database = new DatabaseSync(file);
    const rows = database.prepare('SELECT record_offset, bytes FROM records ORDER BY rowid').all();
    database.close();
    expect(rows.map((row) => row['record_offset'])).toEqual(records.map(Number));
    expect(rows.map((row) => `${textOf(row['bytes'] as Uint8Array)}\n`).join('')).toBe(expected);
  });

  it('is fenced off by a later run of its job', async () => {
    const folder = temporaryFolder();
    const job = jobIn(folder, records);
    const first = fileCheckpoints(join(folder, 'checkpoints'));
    const later = Promise.withResolvers<void>();
    const slow = functionSink(async () => {
      if (processor.progress().delivered > 0) await later.promise;
    });
    const processor = stream(1, { bufferRecords: 5 });
    const running = processor.run(fileSource(job.source), slow, { checkpoints: first, job: 'j' });
    const ended = running.catch(() => {});
    while (processor.progress().delivered === 0) await turn();
    const second = fileCheckpoints(join(folder, 'checkpoints'));
    await stream(2).run(
      fileSource(job.source),
      functionSink(() => {}),
      { checkpoints: second, job: 'j' },
    );
    later.resolve();
    await ended;
    await expect(running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
    await Promise.all([first.close(), second.close()]);
  });
});
