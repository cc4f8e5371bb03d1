/**
 * `sandtune stream`: takes the records of a file or a pipe through a function of a WebAssembly guest into another.
 *
 *   arguments ─▶ guest fits? ─▶ (--resume: what an earlier run left) ─▶ sandbox ─▶ run ─▶ summary
 *                                                     Ctrl-C ─▶ checkpoint ─▶ 130 ◀─┘
 *
 * Into a file a run is effectively-once: it is cut back to its last checkpoint when it is gone on with. Into anything
 * else there are no checkpoints. The progress is on stderr, and only where that is a terminal; so is what a run that
 * writes to standard output says at its end.
 */
import { join } from 'node:path';
import { aborted } from '../../../src/foundation/aborted.ts';
import { usableCpus } from '../../../src/foundation/cpus.ts';
import { threadFile } from '../../../src/foundation/thread-file.ts';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import {
  createStreamProcessor,
  databaseCheckpoints,
  type KeptCheckpoints,
  keepGuestStates,
  type StreamProcessor,
  type StreamRunOptions,
} from '../../../src/stream/index.ts';
import { countedText } from '../../words/numbers.ts';
import { jsonText, printable } from '../../words/printable.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Interruption, listenForInterruption } from '../interruption.ts';
import { earlierRun, type MadeWith, madeWith, streamJob } from '../stream/earlier-run.ts';
import { isClosedPipe } from '../stream/passing-sink.ts';
import { progressOnTerminal } from '../stream/progress-view.ts';
import { recordGuest } from '../stream/record-guest.ts';
import { type StreamArguments, streamArguments } from '../stream/stream-arguments.ts';
import { outputPath, type StreamInput, type StreamOutput, streamInput, streamOutput } from '../stream/stream-ends.ts';
import { streamResultText } from '../stream/stream-result.ts';

export async function streamCommand(args: string[]): Promise<ExitCode> {
  const asked = streamArguments(args);
  const given = { ...asked, out: outputPath(asked.out) };
  const guest = recordGuest(given.module, given.functionName);
  const input = streamInput(given.in);
  const output = streamOutput(given.out, given.in, given.resume);
  const checkpoints = output.isFile ? databaseCheckpoints(join(given.stateDir, 'checkpoints.sqlite')) : undefined;
  const made = madeWith(given, guest.sha256);
  try {
    const earlier = given.resume && checkpoints ? await earlierRun(checkpoints, given.out, made) : undefined;
    const startBytes = earlier?.input.position[0]?.at ?? 0;
    return await ran({ given, input, output, checkpoints, made, startBytes, module: guest.bytes });
  } finally {
    await checkpoints?.close();
  }
}

interface Job {
  readonly given: StreamArguments;
  readonly module: Uint8Array;
  readonly input: StreamInput;
  readonly output: StreamOutput;
  readonly checkpoints: KeptCheckpoints | undefined;
  readonly made: MadeWith;
  readonly startBytes: number;
}

async function ran(job: Job): Promise<ExitCode> {
  const { given, input, output, checkpoints } = job;
  const stop = new AbortController();
  const say = (line: string) => void process.stderr.write(`sandtune: ${printable(line)}\n`);
  let ending = () => {};
  const interruption = listenForInterruption(() => {
    ending();
    say('interrupting; once more exits at once');
    stop.abort(interrupted);
  });
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await sandboxOf(job);
    const stream = processorOf(job, sandbox);
    const view = progressOnTerminal(given.out, {
      progress: () => stream.progress(),
      totalBytes: input.bytes,
      startBytes: job.startBytes,
      hasCheckpoints: checkpoints !== undefined,
    });
    ending = () => view?.ending();
    try {
      const done = await stream.run(input.source, output.sink, runOptions(job, sandbox, stop.signal));
      view?.close();
      const text = given.json
        ? `${jsonText({ schemaVersion: 1, exitCode: exitCodes.ok, ...done })}\n`
        : streamResultText(done, output.isFile);
      (given.out === '-' ? process.stderr : process.stdout).write(text);
      return exitCodes.ok;
    } finally {
      view?.close();
    }
  } catch (error) {
    if (error === interrupted) return await tellInterrupted(job, say);
    // Whoever reads has enough.
    if (isClosedPipe(error)) return exitCodes.ok;
    const stands = await whereItStands(job);
    if (stands !== null) say(stands);
    throw error;
  } finally {
    await closed(sandbox, interruption);
  }
}

/** The reason of an abort by a signal. */
const interrupted = new Error('interrupted');

function sandboxOf({ given, module }: Job): Promise<Sandbox> {
  // A quota may be a part of a processor.
  const threads = given.threads ?? Math.max(1, Math.ceil(usableCpus().count));
  return createSandbox({
    guests: {
      guest: {
        module,
        binding: threadFile('exporters/terminal/stream/record-binding'),
        functions: [given.functionName],
        ...(given.stateful && { state: 'memory' }),
      },
    },
    threads: threads,
    maxThreads: Math.max(4, threads),
    ...(given.deadlineMs !== undefined && { deadlineMs: given.deadlineMs }),
  });
}

function processorOf({ given, output }: Job, sandbox: Sandbox): StreamProcessor {
  const { functionName, framing, maxRecordBytes, onFailed, resume } = given;
  return createStreamProcessor(sandbox, {
    function: functionName,
    takes: 'shared',
    framing,
    maxRecordBytes,
    bufferBytes: Math.max(64 * 2 ** 20, maxRecordBytes),
    onFailed,
    delivery: output.isFile ? 'effectively-once' : 'at-least-once',
    recovery: resume ? 'restart-from-checkpoint' : 'from-beginning',
  });
}

function runOptions({ given, checkpoints, made }: Job, sandbox: Sandbox, signal: AbortSignal): StreamRunOptions {
  if (!checkpoints) return { signal };
  return {
    signal,
    checkpoints,
    job: streamJob(given.out),
    metadata: made,
    ...(given.stateful && { guestState: keepGuestStates(sandbox) }),
  };
}

async function tellInterrupted(job: Job, say: (line: string) => void): Promise<ExitCode> {
  const stands = await whereItStands(job);
  say(
    `interrupted${stands === null ? ' before anything was kept: the same command, without --resume, begins again' : `; ${stands}`}`,
  );
  return exitCodes.interrupted;
}

/** What the newest checkpoint of the output says; null where there is none. Never rejects. */
async function whereItStands({ given, checkpoints }: Job): Promise<string | null> {
  try {
    const restored = await checkpoints?.restore(streamJob(given.out));
    const count = restored?.checkpoint?.input.position[0]?.offset;
    if (count === undefined) return null;
    return `${countedText(count, 'record')} ${count === 1 ? 'is' : 'are'} in ${given.out} for good; --resume goes on there`;
  } catch {
    return `where ${given.out} stands is not known`;
  }
}

/** A guest that does not end keeps nobody waiting who has interrupted. */
async function closed(sandbox: Sandbox | undefined, interruption: Interruption): Promise<void> {
  await Promise.race([sandbox?.close().catch(() => {}), aborted(interruption.settleBy)]);
}
