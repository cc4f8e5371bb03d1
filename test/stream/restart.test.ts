import { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { wrap } from 'sandtune';
import {
  createStreamProcessor,
  databaseSink,
  fileCheckpoints,
  fileSink,
  fileSource,
  functionSink,
  iterableSource,
  lines,
  type StreamOptions,
} from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expected, type Job, jobIn, records, run, stream } from './job-support.ts';
import { numbers } from './stream-support.ts';

describe('a start after an earlier run', () => {
  it('goes on with records that were added to its file since', async () => {
    const job = jobIn(temporaryFolder(), ['a']);
    await run(job, {});
    writeFileSync(job.source, 'b\n', { flag: 'a' });
    await run(job, {});
    expect(readFileSync(job.out, 'utf8')).toBe('<a>\n<b>\n');
  });

  it.each([
    ['shrank', (job: Job) => truncateSync(job.source, 5), /expected at least the \d+ bytes/],
    [
      'was replaced',
      (job: Job) => {
        writeFileSync(`${job.source}.new`, readFileSync(job.source));
        renameSync(`${job.source}.new`, job.source);
      },
      /another in its place/,
    ],
    [
      'was written anew',
      (job: Job) => {
        const text = readFileSync(job.source, 'utf8');
        writeFileSync(job.source, text.replace('1', '7'));
      },
      /it was written anew/,
    ],
    [
      'has one line less behind its first 64 KiB, and as many bytes',
      (job: Job) => {
        const text = readFileSync(job.source, 'utf8');
        const at = text.lastIndexOf('\n', text.length - 9000);
        const without = text.slice(0, at) + text.slice(text.indexOf('\n', at + 1));
        writeFileSync(job.source, without.padEnd(text.length, '\n'));
      },
      /the 65536 bytes before byte \d+ that were read before, got others: it was changed/,
    ],
  ])('refuses to go on where its source %s', async (_, change, message) => {
    const job = jobIn(temporaryFolder(), numbers(20_000));
    await run(job, {});
    change(job);
    await expect(run(job, {})).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SOURCE',
      message: expect.stringMatching(message),
    });
  });

  it('refuses to go on where its output is shorter than it was, and to write over what is not its own', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 100));
    await run(job, {});
    truncateSync(job.out, 3);
    await expect(run(job, {})).rejects.toMatchObject({ code: 'ERR_SANDTUNE_SINK' });
    await expect(run({ ...job, folder: join(job.folder, 'fresh') }, {})).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SINK',
      message: expect.stringContaining('overwrite: true'),
    });
  });

  it('refuses to go on where its output was changed behind its first 64 KiB', async () => {
    const job = jobIn(temporaryFolder(), numbers(20_000));
    await run(job, {});
    const text = readFileSync(job.out, 'utf8');
    writeFileSync(job.out, `${text.slice(0, -2000)}X${text.slice(-1999)}`);
    await expect(run(job, {})).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SINK',
      message: expect.stringMatching(/bytes before byte \d+ that were written before, got others: it was changed/),
    });
  });

  it('refuses to go on where its output is gone or another, makes none, and says how to begin anew', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    await run(job, {});
    // Not removed, since another file might get its inode.
    renameSync(job.out, `${job.out}.old`);
    const refusal = (message: RegExp) => ({ code: 'ERR_SANDTUNE_SINK', message: expect.stringMatching(message) });
    await expect(run(job, {})).rejects.toMatchObject(
      refusal(/out\.txt: expected the file that was written before, got none; recovery: 'from-beginning' begins anew/),
    );
    expect(existsSync(job.out)).toBe(false);
    writeFileSync(job.out, '');
    await expect(run(job, {})).rejects.toMatchObject(
      refusal(/out\.txt: expected the file that was written before \(.*another in its place.*begins anew/),
    );
    expect(await run(job, { recovery: 'from-beginning' })).toMatchObject({ resumedFrom: null, delivered: 20 });
  });

  it('does with an earlier run what recovery says', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    await run(job, { recovery: 'fail-fast' });
    await expect(run(job, { recovery: 'fail-fast' })).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT' });
    truncateSync(job.out, 0);
    expect(await run(job, { recovery: 'from-beginning' })).toMatchObject({ resumedFrom: null, delivered: 20 });
  });

  it('says that its function is another one, and refuses one that is named to be', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    const begin = (work: (bytes: Uint8Array) => Promise<Uint8Array>, options: StreamOptions) =>
      createStreamProcessor(wrap(work, { name: 'work' }), { framing: lines(), name: 'job', ...options }).run(
        fileSource(job.source),
        fileSink(job.out),
        { checkpoints, job: 'job' },
      );
    const same = async (given: Uint8Array) => given;
    await begin(same, { version: 'a' });
    expect(await begin(same, { version: 'a' })).toMatchObject({ isConfigChanged: false });
    expect(await begin(async (given) => given.slice(), { version: 'a' })).toMatchObject({ isConfigChanged: true });
    await expect(begin(same, { version: 'b' })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_CHECKPOINT',
      message: expect.stringMatching(/expected version 'a', under which its checkpoint was made, got 'b'/),
    });
    expect(await begin(same, {})).toMatchObject({ isConfigChanged: true, delivered: 0 });
    await checkpoints.close();
  });

  it('says that checkpoints are gone where somebody has emptied their folder, and begins anew only when told to', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    await run(job, {});
    rmSync(join(job.folder, 'checkpoints', 'job'), { recursive: true });
    for (const recovery of ['restart-from-checkpoint', 'fail-fast'] as const)
      await expect(run(job, { recovery })).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', trouble: 'lost' });
    truncateSync(job.out, 0);
    expect(await run(job, { recovery: 'from-beginning' })).toMatchObject({ resumedFrom: null, delivered: 20 });
    expect(await run(job, {})).toMatchObject({ delivered: 0 });
  });

  it('refused by fail-fast leaves the run that it is refused for alone', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    const hold = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const sink = functionSink(async () => {
      begun.resolve();
      await hold.promise;
    });
    const running = stream(1).run(fileSource(job.source), sink, { checkpoints, job: 'job' });
    await begun.promise;
    await expect(run(job, { recovery: 'fail-fast' })).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT' });
    hold.resolve();
    expect(await running).toMatchObject({ delivered: 20 });
    await checkpoints.close();
  });

  it('from the beginning that ends before it has delivered anything is where the next one goes on, its output untouched', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    await run(job, {});
    const text = readFileSync(job.out, 'utf8');
    const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
    const dying = iterableSource(
      () =>
        (async function* () {
          yield* [] as Uint8Array[];
          throw new Error('died');
        })(),
      { gives: 'bytes' },
    );
    const given = { checkpoints, job: 'job' };
    const anew = stream(1, { recovery: 'from-beginning' });
    await expect(anew.run(dying, fileSink(job.out, { overwrite: true }), given)).rejects.toThrow('died');
    expect(readFileSync(job.out, 'utf8')).toBe(text);
    const next = await stream(1).run(fileSource(job.source), fileSink(job.out, { overwrite: true }), given);
    expect(next).toMatchObject({ delivered: 20, resumedFrom: expect.any(Number) });
    expect(readFileSync(job.out, 'utf8')).toBe(text);
    await checkpoints.close();
  });

  it('refuses an iterable that was begun, and reads on one that can be had anew', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out.txt');
    const first = async (given: Parameters<ReturnType<typeof stream>['run']>[0], all = false) => {
      const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
      const controller = new AbortController();
      const processor = stream(1);
      const running = processor.run(given, fileSink(out), { checkpoints, job: 'j', signal: controller.signal });
      if (!all) {
        const ended = running.catch(() => {});
        while (processor.progress().delivered < 100) await turn();
        controller.abort(new Error('stop'));
        await ended;
      }
      try {
        return await running;
      } finally {
        await checkpoints.close();
      }
    };
    const text = [records.map((one) => `${one}\n`).join('')];
    await expect(first(text)).rejects.toThrow('stop');
    await expect(first(text, true)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_SOURCE' });
    await first(
      iterableSource(() => text, { gives: 'bytes' }),
      true,
    );
    expect(readFileSync(out, 'utf8')).toBe(expected);
  });

  it('refuses effectively-once where output and checkpoint cannot become durable as one', async () => {
    const folder = temporaryFolder();
    const processor = stream(1, { delivery: 'effectively-once' });
    const refused = { code: 'ERR_SANDTUNE_OPTION', message: expect.stringMatching(/^delivery: 'effectively-once'/) };
    await expect(processor.run(['a\n'], fileSink(join(folder, 'a')))).rejects.toMatchObject(refused);
    const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
    await expect(
      processor.run(
        ['a\n'],
        functionSink(() => {}),
        { checkpoints },
      ),
    ).rejects.toMatchObject(refused);
    const sink = databaseSink(join(folder, 'out.sqlite'));
    await expect(processor.run(['a\n'], sink, { checkpoints })).rejects.toMatchObject(refused);
    await checkpoints.close();
  });
});
