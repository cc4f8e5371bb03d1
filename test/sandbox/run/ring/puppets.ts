/** The host's side of the ring transport, over workers that are played by the test. */
import type { MessagePort, Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import type { GuestCall, SandboxCallOptions } from '../../../../src/sandbox/run/call.ts';
import { createSharedMemory, ticksOf } from '../../../../src/sandbox/run/protocol.ts';
import { RingReader, RingWriter } from '../../../../src/sandbox/run/ring/byte-ring.ts';
import { type CallState, callState, swapClaim } from '../../../../src/sandbox/run/ring/claim.ts';
import { RegionWriter } from '../../../../src/sandbox/run/ring/regions.ts';
import { RingTransport } from '../../../../src/sandbox/run/ring/ring-transport.ts';
import { generationOfId, slotOfId } from '../../../../src/sandbox/run/ring/slots.ts';
import { regionValueBytes, writeRegionValue, writeValue } from '../../../../src/sandbox/run/ring/values.ts';
import {
  answer,
  answerKinds,
  progress,
  request,
  type ServeMessage,
  servesRing,
  WorkerMemory,
} from '../../../../src/sandbox/run/ring/worker-memory.ts';
import { WorkerUnit } from '../../../../src/sandbox/run/worker-unit.ts';
import { recorderFor } from '../../../support/recorder-for.ts';
import { callOf } from './serving.ts';

/** A worker's side that does what the test says, right or wrong. */
export class Puppet {
  readonly memory: WorkerMemory;
  readonly bell: Int32Array;
  readonly port: MessagePort;
  readonly requests: RingReader;
  readonly answers: RingWriter;
  readonly regions: RegionWriter;

  constructor({ memory, bell, port }: ServeMessage) {
    this.port = port;
    this.memory = new WorkerMemory(memory);
    this.bell = new Int32Array(bell);
    this.requests = new RingReader(this.memory.requests);
    this.answers = new RingWriter(this.memory.answers);
    this.regions = new RegionWriter(this.memory.resultRegions, port, 1024 * 1024);
  }

  /** The id of the next call. */
  take(): number | undefined {
    const at = this.requests.next();
    if (at < 0) return undefined;
    this.requests.done();
    return this.memory.requests.ints[(at + request.id) >> 2];
  }

  move(id: number, from: CallState, to: CallState): void {
    if (!swapClaim(this.memory.claims, slotOfId(id), generationOfId(id), from, to)) throw new Error(`no call ${id}`);
  }

  run(id: number, sinceMs: number): void {
    Atomics.store(this.memory.progress, progress.current, slotOfId(id));
    Atomics.store(this.memory.progress, progress.startedTicks, ticksOf(sinceMs));
    this.move(id, callState.queued, callState.running);
  }

  end(id: number, value: number): void {
    this.move(id, callState.running, callState.done);
    this.answer(id, answerKinds.value, value);
  }

  answer(id: number, kind: number, value = 0): void {
    const at = this.#place(id, kind, 16);
    writeValue(this.memory.answers, at, value);
    this.answers.publish(answer.value + 16);
  }

  /** Ends with bytes in a region. @param told how many the frame says there are */
  endInRegion(id: number, bytes: Uint8Array, told = bytes.length): void {
    this.move(id, callState.running, callState.done);
    const index = this.regions.hold(bytes.length);
    const isNew = this.regions.write(index, bytes, bytes.length);
    const at = this.#place(id, answerKinds.value, regionValueBytes);
    writeRegionValue(this.memory.answers, at, index, isNew, told);
    this.answers.publish(answer.value + regionValueBytes);
  }

  #place(id: number, kind: number, valueBytes: number): number {
    const at = this.answers.place(answer.value + valueBytes, 0);
    const { ints } = this.memory.answers;
    ints[(at + answer.id) >> 2] = id;
    ints[(at + answer.kind) >> 2] = kind;
    return at + answer.value;
  }
}

export function transportOver(count: number) {
  const time = manualTime();
  const recorder = recorderFor(time);
  const memory = createSharedMemory(4 * count);
  const units = Array.from(
    { length: count },
    (_, share) => new WorkerUnit({ threadId: share } as Worker, share, memory),
  );
  const puppets: Puppet[] = [];
  const told: unknown[] = [];
  let returned = 0;
  let sleeps = 0;
  const settings = { spinUs: 0, depth: 512 };
  const transport = new RingTransport({
    host: {
      books: recorder.books,
      queue: { left: () => {}, returned: () => void returned++ },
      failures: {
        lost: (call, stage) => told.push(['lost', call.args[0], stage]),
        overran: (call, stage) => told.push(['overran', call.args[0], stage]),
        refused: (call) => told.push(['refused', call.args[0]]),
        broken: () => {},
      },
      clock: time.clock,
      timers: {
        sleep: (ms, options) => {
          sleeps++;
          return time.timers.sleep(ms, options);
        },
      },
      deadlineMs: 50,
      units: () => units,
      inUse: () => units,
      end: (unit) => void (unit.doomed = true),
      back: () => {},
      changed: () => {},
    },
    functionCount: 1,
    maxWaiting: Number.POSITIVE_INFINITY,
    settings,
    regionBytes: 1024 * 1024,
    sendMessage: async (_unit, message) => {
      puppets.push(new Puppet(message));
      onTestFinished(() => message.port.close());
      return servesRing;
    },
  });
  onTestFinished(() => transport.close());
  for (const unit of units) transport.begin(unit);
  const send = (unit: WorkerUnit, arg: unknown, options?: SandboxCallOptions): GuestCall => {
    const call = callOf(recorder, 0, [arg], options);
    transport.send(unit, [call]);
    return call;
  };
  return { ...time, transport, settings, units, puppets, told, send, returned: () => returned, sleeps: () => sleeps };
}

export const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
