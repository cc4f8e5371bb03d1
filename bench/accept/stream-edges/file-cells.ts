/** Files that change under a run, or between two: what is read must be what the checkpoint speaks of, or be refused. */

import { appendFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/foundation/errors.ts';
import { isSandtuneError, measured } from '../../../src/index.ts';
import { createStreamProcessor, fileCheckpoints, fileSink, fileSource, lines } from '../../../src/stream/index.ts';
import { Gate } from './scene.ts';
import { until } from './stage.ts';

/** @returns what was not as it should be */
export type AloneCell = (folder: string, size: number) => Promise<readonly string[]>;

const lineCount = 2000;
const stopAfter = 300;
const text = (count: number, word = 'line') => Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');

interface FileJob {
  readonly input: string;
  readonly output: string;
  /** Closed by a run that is to stop in the middle: at the first call behind `stopAfter` records. */
  readonly gate: Gate;
  run(signal?: AbortSignal): Promise<unknown>;
}

let jobs = 0;

function fileJob(folder: string): FileJob {
  const [input, output] = [join(folder, 'in'), join(folder, 'out')];
  writeFileSync(input, text(lineCount));
  const gate = new Gate();
  let calls = 0;
  const executor = measured({
    name: `edge-files-${jobs++}`,
    run: async (bytes: Uint8Array) => {
      if (++calls > stopAfter) await gate.pass();
      return bytes;
    },
  });
  const stream = createStreamProcessor(executor, { framing: lines(), bufferRecords: 50, delivery: 'effectively-once' });
  return {
    input,
    output,
    gate,
    run: async (signal) => {
      const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
      try {
        const options = { checkpoints, job: 'edge', ...(signal && { signal }) };
        return await stream.run(fileSource(input, { pieceBytes: 1024 }), fileSink(output), options);
      } finally {
        await checkpoints.close();
      }
    },
  };
}

/** Changes the file in the middle of a run. @returns its error, or null where it completed */
async function changedWhileRead(job: FileJob, change: () => void): Promise<unknown> {
  job.gate.close();
  const ended = job.run().then(
    () => null,
    (error: unknown) => error,
  );
  await untilStopped(job);
  change();
  job.gate.open();
  return ended;
}

/** Changes it between a run that was aborted and the next one. */
async function changedBetween(job: FileJob, change: () => void): Promise<unknown> {
  job.gate.close();
  const stop = new AbortController();
  const ended = job.run(stop.signal).catch(() => {});
  await untilStopped(job);
  stop.abort(new Error('for the next run'));
  await ended;
  job.gate.open();
  change();
  return job.run().then(
    () => null,
    (error: unknown) => error,
  );
}

async function untilStopped({ gate }: FileJob): Promise<void> {
  while (!(await until(() => gate.waited > 0)));
}

function refusal(error: unknown, code: string, words: RegExp): readonly string[] {
  if (error === null) return ['completed'];
  const isRight = isSandtuneError(error) && error.code === code && words.test(error.message);
  return isRight ? [] : [`failed otherwise: ${messageOf(error)}`];
}

function outputFaults({ output }: FileJob, wanted: string): readonly string[] {
  return readFileSync(output, 'utf8') === wanted ? [] : ['wrote another output'];
}

export const fileCells: Readonly<Record<string, AloneCell>> = {
  'source × shrinks while it is read': async (folder) => {
    const job = fileJob(folder);
    const error = await changedWhileRead(job, () => truncateSync(job.input, 100));
    const written = readFileSync(job.output, 'utf8');
    const isPrefix = text(lineCount).startsWith(written);
    return [...refusal(error, 'ERR_SANDTUNE_SOURCE', /it shrank/), ...(isPrefix ? [] : ['wrote what it had not read'])];
  },
  'source × is replaced while it is read': async (folder) => {
    const job = fileJob(folder);
    const error = await changedWhileRead(job, () => {
      writeFileSync(join(folder, 'other'), text(lineCount, 'other'));
      renameSync(join(folder, 'other'), job.input);
    });
    // The run goes on with the file that it has opened.
    return error === null ? outputFaults(job, text(lineCount)) : [`failed: ${messageOf(error)}`];
  },
  'source × grows while it is read': async (folder) => {
    const job = fileJob(folder);
    const error = await changedWhileRead(job, () => appendFileSync(job.input, 'and more\n'));
    return error === null ? outputFaults(job, `${text(lineCount)}and more\n`) : [`failed: ${messageOf(error)}`];
  },
  'source × is the same between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => {});
    return error === null ? outputFaults(job, text(lineCount)) : [`failed: ${messageOf(error)}`];
  },
  'source × has grown between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => appendFileSync(job.input, 'and more\n'));
    return error === null ? outputFaults(job, `${text(lineCount)}and more\n`) : [`failed: ${messageOf(error)}`];
  },
  'source × has shrunk between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => truncateSync(job.input, 10));
    return refusal(error, 'ERR_SANDTUNE_SOURCE', /at least the \d+ bytes that were read before/);
  },
  'source × was replaced between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => {
      writeFileSync(join(folder, 'other'), text(lineCount));
      renameSync(join(folder, 'other'), job.input);
    });
    return refusal(error, 'ERR_SANDTUNE_SOURCE', /another in its place/);
  },
  'source × was written anew between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => writeFileSync(job.input, text(lineCount, 'other')));
    return refusal(error, 'ERR_SANDTUNE_SOURCE', /it was written anew/);
  },
  'output × was replaced between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => {
      writeFileSync(join(folder, 'other'), text(lineCount));
      renameSync(join(folder, 'other'), job.output);
    });
    return refusal(error, 'ERR_SANDTUNE_SINK', /another in its place/);
  },
  'output × was cut below its checkpoint between two runs': async (folder) => {
    const job = fileJob(folder);
    const error = await changedBetween(job, () => truncateSync(job.output, 1));
    return refusal(error, 'ERR_SANDTUNE_SINK', /expected/);
  },
};
