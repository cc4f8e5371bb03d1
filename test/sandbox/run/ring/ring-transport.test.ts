import type { MessagePort, Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import type { GuestCall } from '../../../../src/sandbox/run/call.ts';
import { createSharedMemory, ticksOf } from '../../../../src/sandbox/run/protocol.ts';
import { RingReader, RingWriter } from '../../../../src/sandbox/run/ring/byte-ring.ts';
import { type CallState, callState, swapClaim } from '../../../../src/sandbox/run/ring/claim.ts';
import { RingTransport } from '../../../../src/sandbox/run/ring/ring-transport.ts';
import { generationOfId, slotOfId } from '../../../../src/sandbox/run/ring/slots.ts';
import { writeValue } from '../../../../src/sandbox/run/ring/values.ts';
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
class Puppet {
  readonly memory: WorkerMemory;
  readonly bell: Int32Array;
  readonly port: MessagePort;
  readonly requests: RingReader;
  readonly answers: RingWriter;

  constructor({ memory, bell, port }: ServeMessage) {
    this.port = port;
    this.memory = new WorkerMemory(memory);
    this.bell = new Int32Array(bell);
    this.requests = new RingReader(this.memory.requests);
    this.answers = new RingWriter(this.memory.answers);
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
    const at = this.answers.place(answer.value + 16, 0);
    const { ints } = this.memory.answers;
    ints[(at + answer.id) >> 2] = id;
    ints[(at + answer.kind) >> 2] = kind;
    writeValue(this.memory.answers, at + answer.value, value);
    this.answers.publish(answer.value + 16);
  }
}

function transportOver(count: number) {
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
  const settings = { spinUs: 0, depth: 128 };
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
    sendMessage: async (_unit, message) => {
      puppets.push(new Puppet(message));
      onTestFinished(() => message.port.close());
      return servesRing;
    },
  });
  onTestFinished(() => transport.close());
  for (const unit of units) transport.begin(unit);
  const send = (unit: WorkerUnit, arg: unknown): GuestCall => {
    const call = callOf(recorder, 0, [arg]);
    transport.send(unit, [call]);
    return call;
  };
  return { ...time, transport, settings, units, puppets, told, send, returned: () => returned, sleeps: () => sleeps };
}

const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

it('an answer whose worker took the bell and ended before it rang is read all the same', async () => {
  const { units, puppets, send, clock } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  const call = send(unit, 1);
  await Promise.resolve();
  const id = puppet.take() as number;
  puppet.run(id, clock.now());
  Atomics.store(puppet.bell, 0, 0);
  puppet.end(id, 7);
  expect(await call.promise).toBe(7);
  expect(unit.isBusy).toBe(false);
});

it('with no call out nothing wakes the host, and no worker rings', async () => {
  const { units, puppets, send, clock, sleeps } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  const call = send(unit, 1);
  const id = puppet.take() as number;
  puppet.run(id, clock.now());
  puppet.end(id, 7);
  await call.promise;
  await turns();
  const before = sleeps();
  await turns(50);
  expect(sleeps()).toBe(before);
  expect(Atomics.load(puppet.bell, 0)).toBe(0);
});

it('what a damaged worker answers ends it, and no call is settled by it', async () => {
  const forgeries: readonly ((puppet: Puppet, id: number) => void)[] = [
    (puppet, id) => puppet.answer(id + 1, answerKinds.value),
    (puppet, id) => puppet.answer(id + 256, answerKinds.value),
    (puppet) => puppet.answer(-5, answerKinds.value),
    (puppet, id) => puppet.answer(id, 99),
    (puppet, id) => puppet.answer(id, answerKinds.passed),
    (puppet, id) => puppet.answer(id, answerKinds.portValue),
    (puppet, id) => {
      puppet.port.postMessage([id, null]);
      puppet.answer(id, answerKinds.portFailure);
    },
    (puppet) => {
      puppet.memory.answers.ints.fill(-9);
      Atomics.store(puppet.memory.answers.words, 16, 4096);
    },
    (puppet) => Atomics.store(puppet.memory.answers.words, 16, -4096),
  ];
  for (const forge of forgeries) {
    const { units, puppets, send, clock, told, transport, returned } = transportOver(1);
    const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
    const call = send(unit, 'a');
    const id = puppet.take() as number;
    puppet.run(id, clock.now());
    forge(puppet, id);
    await turns();
    expect([unit.doomed, call.settled, returned()]).toEqual([true, false, 0]);
    expect(unit.fault).toBeInstanceOf(Error);
    transport.gone(unit);
    expect(told).toEqual([['lost', 'a', 'start']]);
    expect(returned()).toBe(1);
  }
});

it('a worker that ends leaves each call where its claim says it was, and what it had published counts', async () => {
  const { units, puppets, send, clock, told, transport, returned } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  const calls = ['answered', 'done', 'running', 'taken', 'waiting'].map((name) => send(unit, name));
  const ids = calls.map(({ heldAs }) => heldAs) as [number, number, number, number, number];
  expect(transport.takeBack(calls[3] as GuestCall)).toBe(true);
  puppet.run(ids[0], clock.now());
  puppet.end(ids[0], 1);
  puppet.run(ids[1], clock.now());
  puppet.move(ids[1], callState.running, callState.done);
  // Its answer stands in the ring, but the worker ended before it had published it.
  puppet.answers.place(answer.value + 16, 0);
  puppet.run(ids[2], clock.now());
  puppet.memory.progress[progress.entered] = 1;
  transport.gone(unit);
  expect(await calls[0]?.promise).toBe(1);
  expect(told).toEqual([
    ['lost', 'done', 'return'],
    ['lost', 'running', 'execute'],
    ['lost', 'waiting', 'queue'],
  ]);
  // Each was a dispatch of its own, also that which was taken back.
  expect([returned(), unit.isBusy]).toEqual([5, false]);
});

it('calls that wait behind a slow one are given to idle workers, and each is run by one', async () => {
  const { units, puppets, send, clock, returned } = transportOver(3);
  const [slow, one, other] = puppets as [Puppet, Puppet, Puppet];
  const calls = [0, 1, 2, 3, 4].map((arg) => send(units[0] as WorkerUnit, arg));
  slow.run(slow.take() as number, clock.now());
  await turns();
  const given = [one.take(), other.take(), one.take(), other.take()];
  expect(given.map((id) => id !== undefined)).toEqual([true, true, true, true]);
  // The slow worker passes over what it comes to.
  for (let id = slow.take(); id !== undefined; id = slow.take()) {
    expect(() => slow.move(id, callState.queued, callState.running)).toThrow();
    slow.answer(id, answerKinds.passed);
  }
  given.forEach((id, index) => {
    const puppet = index % 2 === 0 ? one : other;
    puppet.run(id as number, clock.now());
    puppet.end(id as number, index);
  });
  expect(await Promise.all(calls.slice(1).map(({ promise }) => promise))).toEqual([0, 1, 2, 3]);
  expect([returned(), calls[0]?.settled]).toEqual([4, false]);
});

it('a worker with nothing more to do gets what waits behind a call that runs on, before a millisecond has passed', async () => {
  const { units, puppets, send, clock, advance, sleeps } = transportOver(2);
  const [slow, other] = puppets as [Puppet, Puppet];
  const waiting = [0, 1, 2].map((arg) => send(units[0] as WorkerUnit, arg));
  const quick = send(units[1] as WorkerUnit, 3);
  slow.run(slow.take() as number, clock.now());
  advance(0.2);
  const id = other.take() as number;
  other.run(id, clock.now());
  other.end(id, 3);
  const before = sleeps();
  // Microtasks alone: no timer has gone off.
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
  expect([await quick.promise, sleeps()]).toEqual([3, before]);
  expect([other.take(), other.take(), other.take()].filter((one) => one !== undefined)).toHaveLength(2);
  expect(waiting.map(({ settled }) => settled)).toEqual([false, false, false]);
});

it('a worker that runs a slow call is given no others until it has answered', async () => {
  const { transport, units, puppets, send, clock } = transportOver(2);
  const [slow] = puppets as [Puppet];
  send(units[0] as WorkerUnit, 0);
  const id = slow.take() as number;
  slow.run(id, clock.now());
  send(units[1] as WorkerUnit, 1);
  await turns();
  expect(transport.choose(units, 1, false)).toBeUndefined();
  slow.end(id, 0);
  await turns();
  expect(transport.choose(units, 1, false)).toBe(units[0]);
});

it('a call beyond its deadline is condemned, so that its worker can no longer end it, and its worker is ended', async () => {
  const { units, puppets, send, clock, told } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  send(unit, 'endless');
  const id = puppet.take() as number;
  puppet.run(id, clock.now());
  puppet.memory.progress[progress.entered] = 1;
  await turns(200);
  expect([told, unit.doomed]).toEqual([[['overran', 'endless', 'execute']], true]);
  expect(() => puppet.move(id, callState.running, callState.done)).toThrow();
});

it('a worker that has megabytes of arguments before it is given no others, and goes on once they are read', async () => {
  const { units, puppets, send, clock, transport } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  const calls: GuestCall[] = [];
  const ended = async () => {
    const id = puppet.take() as number;
    puppet.run(id, clock.now());
    puppet.end(id, 1);
    await calls.shift()?.promise;
  };
  // So its function is known to be quick.
  for (let i = 0; i < 40; i++) {
    calls.push(send(unit, i));
    await ended();
  }
  calls.push(send(unit, new Uint8Array(3_000_000)));
  expect(transport.choose(units, 1, false)).toBe(unit);
  calls.push(send(unit, new Uint8Array(3_000_000)));
  expect(transport.choose(units, 1, false)).toBeUndefined();
  await ended();
  expect(transport.choose(units, 1, false)).toBe(unit);
  await ended();
});

it('a worker is given as many calls as it may hold, also where that is changed while it holds some', () => {
  const { units, send, settings, transport } = transportOver(1);
  const isChosen = () => transport.choose(units, 1, false) === units[0];
  settings.depth = 2;
  send(units[0] as WorkerUnit, 1);
  expect(isChosen()).toBe(true);
  send(units[0] as WorkerUnit, 2);
  expect(isChosen()).toBe(false);
  settings.depth = 3;
  expect(isChosen()).toBe(true);
  settings.depth = 1;
  expect(isChosen()).toBe(false);
});
