import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  databaseCheckpoints,
  fileCheckpoints,
  fileSink,
  fileSource,
  functionSink,
  type OutputRecord,
  type Sink,
} from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expected, jobIn, records, run, stream } from './job-support.ts';
import { claimedOnly, copiesIn, stoppedRun } from './take-over-support.ts';

describe('an older run that goes on after a later one took its job over', () => {
  it.each(['at-least-once', 'effectively-once'] as const)('changes not one byte of the file, %s', async (delivery) => {
    const job = jobIn(temporaryFolder(), records);
    const older = await stoppedRun(job, fileSink(job.out), { delivery });
    await run(job, { delivery });
    const { ino, mtimeMs } = statSync(job.out);
    older.goesOn();
    await expect(older.running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
    await older.close();
    expect(statSync(job.out)).toMatchObject({ ino, mtimeMs });
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
    expect(readdirSync(job.folder).sort()).toEqual(['checkpoints', 'in.txt', 'out.txt']);
    expect(await run(job, { delivery })).toMatchObject({ delivered: 0 });
  });

  it('changes not one byte of what was begun anew', async () => {
    const job = jobIn(temporaryFolder(), records);
    const older = await stoppedRun(job, fileSink(job.out));
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    await stream(2, { recovery: 'from-beginning' }).run(
      fileSource(job.source),
      fileSink(job.out, { overwrite: true }),
      { checkpoints, job: 'job' },
    );
    older.goesOn();
    await expect(older.running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
    await Promise.all([older.close(), checkpoints.close()]);
    expect(readFileSync(job.out, 'utf8')).toBe(expected);
  });
});

it('an output that nobody else can have open is gone on with where it is, whatever its name leads over', async () => {
  const job = jobIn(temporaryFolder(), records);
  const link = join(job.folder, 'link out ü.txt');
  symlinkSync(job.out, link);
  const controller = new AbortController();
  const first = run({ ...job, out: link }, {}, controller.signal);
  first.catch(() => {});
  while (!existsSync(job.out) || statSync(job.out).size < 3000) await turn();
  const { ino } = statSync(job.out);
  controller.abort(new Error('stop'));
  await expect(first).rejects.toThrow('stop');
  await run({ ...job, out: link }, {});
  expect(statSync(job.out).ino).toBe(ino);
  expect(readFileSync(link, 'utf8')).toBe(expected);
});

it('a copy that its run claimed, and did not put in place, is what the next one goes on with', async () => {
  const job = jobIn(temporaryFolder(), records);
  const older = await stoppedRun(job, fileSink(job.out));
  const before = readFileSync(job.out, 'utf8');
  await claimedOnly(job);
  expect(readFileSync(job.out, 'utf8')).toBe(before);
  expect(copiesIn(job)).toEqual(['out.txt.2.taking']);
  await run(job, {});
  older.goesOn();
  await expect(older.running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FENCED' });
  await older.close();
  expect(readFileSync(job.out, 'utf8')).toBe(expected);
  expect(copiesIn(job)).toEqual([]);
});

it('a run reads no file that it writes to, by whatever name', async () => {
  const job = jobIn(temporaryFolder(), records.slice(0, 10));
  const text = readFileSync(job.source, 'utf8');
  const same = join(job.folder, 'same.txt');
  linkSync(job.source, same);
  await expect(stream(1).run(fileSource(job.source), fileSink(same, { overwrite: true }))).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_OPTION',
    message: expect.stringMatching(/expected another file than the source/),
  });
  expect(readFileSync(job.source, 'utf8')).toBe(text);
});

it.each([
  ['removed', (path: string) => rmSync(path), /it was removed or moved/],
  ['emptied', (path: string) => truncateSync(path), /somebody has cut or changed it/],
  [
    'replaced',
    (path: string) => {
      writeFileSync(`${path}.new`, 'x');
      renameSync(`${path}.new`, path);
    },
    /another file was put in its place/,
  ],
])(
  'a run whose output is %s meanwhile ends with that, and not as if it had been written',
  async (_, change, message) => {
    const job = jobIn(temporaryFolder(), records);
    let isChanged = false;
    const out = fileSink(job.out);
    const sink: Sink = {
      ...out,
      open: async (given) => {
        const open = await out.open(given);
        return Object.assign(Object.create(open) as typeof open, {
          write: async (list: readonly OutputRecord[], ack: (record: OutputRecord) => void) => {
            if (!isChanged && statSync(job.out).size > 3000) {
              isChanged = true;
              change(job.out);
            }
            await open.write(list, ack);
          },
          flush: () => open.flush(),
          close: (error?: unknown) => open.close(error),
        });
      },
    };
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    const running = stream(1).run(fileSource(job.source), sink, { checkpoints, job: 'job' });
    await expect(running).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SINK',
      message: expect.stringMatching(message),
    });
    await checkpoints.close();
  },
);

it('what is no file is refused as one', async () => {
  const job = jobIn(temporaryFolder(), ['a']);
  for (const path of ['/dev/null', job.folder])
    await expect(stream(1).run(fileSource(job.source), fileSink(path))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SINK',
      message: expect.stringMatching(/expected a file/),
    });
});

it('sinks are told whose run they are opened for, and what an earlier one has left', async () => {
  const job = jobIn(temporaryFolder(), ['a']);
  const told: unknown[] = [];
  const checkpoints = databaseCheckpoints(join(job.folder, 'checkpoints.sqlite'));
  const plain = functionSink(() => {});
  const sink: Sink = {
    ...plain,
    open: (given) => {
      told.push({ run: given.run, from: given.from, earlier: given.earlier });
      return plain.open(given);
    },
  };
  for (const recovery of ['restart-from-checkpoint', 'restart-from-checkpoint', 'from-beginning'] as const)
    await stream(1, { recovery }).run(fileSource(job.source), sink, { checkpoints, job: 'j' });
  await checkpoints.close();
  const none = { kind: 'none' };
  expect(told).toEqual([
    { run: { job: 'j', fencingToken: 1 }, from: undefined, earlier: undefined },
    { run: { job: 'j', fencingToken: 2 }, from: none, earlier: none },
    { run: { job: 'j', fencingToken: 3 }, from: undefined, earlier: none },
  ]);
});
