/** The host's end of a worker that serves a ring, without a pool, a tier or a sandbox around it. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import type { Recorder } from '../../../../src/measure/recorder.ts';
import { GuestCall, type SandboxCallOptions } from '../../../../src/sandbox/run/call.ts';
import { RingLink } from '../../../../src/sandbox/run/ring/ring-link.ts';
import { slotOfId } from '../../../../src/sandbox/run/ring/slots.ts';
import { answer, answerKinds, type ServeMessage } from '../../../../src/sandbox/run/ring/worker-memory.ts';
import { recorderFor } from '../../../support/recorder-for.ts';

/** Of the worker: gives back its argument; waits until it is let go; gives back its arguments. */
/** Most bytes of regions, each way. */
const regionBytes = 1024 * 1024;

export const functions = { echo: 0, hold: 1, list: 2 } as const;

export function callOf(
  recorder: Recorder,
  id: number,
  args: readonly unknown[],
  options?: SandboxCallOptions,
): GuestCall {
  const plan = { id, name: 'g.f', series: recorder.series('g.f'), signature: undefined, codec: null, contained: true };
  return new GuestCall(recorder.books, plan, args, options);
}

/** @param settings what the whole sandbox is told, by place among its shared integers. @defaultValue 1 each */
export function serve(settings: Readonly<Record<number, number>> = {}) {
  const { port1, port2 } = new MessageChannel();
  const link = new RingLink(port1, regionBytes);
  const bell = new SharedArrayBuffer(4);
  const message: ServeMessage = { kind: 'serve-ring', memory: link.memory.shared, bell, port: port2, regionBytes };
  const whole = new Int32Array(new SharedArrayBuffer(64)).fill(1);
  for (const [place, value] of Object.entries(settings)) whole[Number(place)] = value;
  const worker = new Worker(new URL('./serving-worker.ts', import.meta.url), {
    workerData: { message, whole },
    transferList: [port2],
  });
  const failed = new Promise<unknown>((resolve) => worker.once('error', resolve));
  onTestFinished(async () => {
    await worker.terminate();
    link.close();
  });
  const recorder = recorderFor(manualTime());
  const write = (name: keyof typeof functions, ...args: readonly unknown[]): GuestCall => {
    const call = callOf(recorder, functions[name], args);
    link.write(call, 0, false);
    return call;
  };
  return {
    link,
    worker,
    failed,
    write,
    bell: new Int32Array(bell),
    answers: (count: number) => answersOf(link, count),
  };
}

export interface Answer {
  readonly id: number;
  /** What it gave back; undefined where it was passed over. */
  readonly value: unknown;
  readonly passed: boolean;
}

/** The next answers, in their order. */
async function answersOf(link: RingLink, count: number): Promise<readonly Answer[]> {
  const seen: Answer[] = [];
  while (seen.length < count) {
    const at = link.answers.next();
    if (at < 0) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const { ints } = link.memory.answers;
    const id = ints[(at + answer.id) >> 2] as number;
    const kind = ints[(at + answer.kind) >> 2] as number;
    const end = at + link.answers.frameBytes;
    link.values.at = at + answer.value;
    const value =
      kind === answerKinds.value ? link.values.read(end) : kind === answerKinds.passed ? undefined : link.received(id);
    link.answers.done();
    link.release(id);
    seen.push({ id, value, passed: kind === answerKinds.passed });
  }
  return seen;
}

/** The state of the call's claim, whatever the generation. */
export function claimOf(link: RingLink, id: number): number {
  return (link.memory.claims[slotOfId(id)] as number) & 7;
}
