import { expect, it } from 'vitest';
import type { GuestCall, SandboxCallOptions } from '../../../../src/sandbox/run/call.ts';
import type { ResultLease } from '../../../../src/sandbox/run/result-lease.ts';
import { callState } from '../../../../src/sandbox/run/ring/claim.ts';
import { answer, answerKinds, progress } from '../../../../src/sandbox/run/ring/worker-memory.ts';
import type { WorkerUnit } from '../../../../src/sandbox/run/worker-unit.ts';
import { type Puppet, transportOver, turns } from './puppets.ts';

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
    (puppet, id) => puppet.answer(id, answerKinds.bySignature),
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

it('a region that an answer brings is free once it was copied, is its lease until that is released, and is forgotten with its worker', async () => {
  const { units, puppets, send, clock, transport } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  const content = new Uint8Array(20_000).fill(7);
  const held = () => puppet.memory.resultRegions.reduce((sum, one) => sum + one, 0);
  const answered = (options?: SandboxCallOptions, isAborted = false): GuestCall => {
    const call = send(unit, 1, options);
    const id = puppet.take() as number;
    puppet.run(id, clock.now());
    if (isAborted) call.cancelled();
    puppet.endInRegion(id, content);
    return call;
  };
  expect([await answered().promise, held()]).toEqual([content, 0]);
  const into = new Uint8Array(30_000);
  expect([await answered({ into }).promise, held(), into[19_999], into[20_000]]).toEqual([content, 0, 7, 0]);
  await expect(answered({ into: new Uint8Array(19_999) }).promise).rejects.toMatchObject({ outcome: 'trap' });
  expect(held()).toBe(0);
  // Nobody waits for these.
  for (const options of [{}, { into: into.fill(0) }, { lease: true }]) {
    await expect(answered(options, true).promise).rejects.toBeUndefined();
    await turns();
    expect([held(), into[0]]).toEqual([0, 0]);
  }
  const lease = (await answered({ lease: true }).promise) as ResultLease;
  expect([lease.bytes, held()]).toEqual([content, 1]);
  expect([await answered().promise, held(), lease.bytes]).toEqual([content, 1, content]);
  lease.release();
  expect(held()).toBe(0);
  const last = (await answered({ lease: true }).promise) as ResultLease;
  transport.gone(unit);
  expect(last.bytes).toEqual(content);
  last.release();
});

it('a region that is none costs its worker, and its call is recovered', async () => {
  for (const told of [-1, 40_000]) {
    const { units, puppets, send, clock, told: failures, transport } = transportOver(1);
    const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
    const into = new Uint8Array(50_000);
    const call = send(unit, 'a', { into });
    const id = puppet.take() as number;
    puppet.run(id, clock.now());
    puppet.endInRegion(id, new Uint8Array(20_000).fill(1), told);
    await turns();
    expect([unit.doomed, call.settled, into.every((one) => one === 0)]).toEqual([true, false, true]);
    transport.gone(unit);
    expect(failures).toEqual([['lost', 'a', 'return']]);
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

it('calls of one turn that are short are seen together, all of them before the turn of the event loop ends', async () => {
  const { units, puppets, send, clock } = transportOver(1);
  const [unit, puppet] = [units[0] as WorkerUnit, puppets[0] as Puppet];
  const seen = () => {
    let count = 0;
    while (puppet.take() !== undefined) count++;
    return count;
  };
  // Its time is learnt, and it is none.
  for (let i = 0; i < 40; i++) {
    const call = send(unit, i);
    const id = puppet.take() as number;
    puppet.run(id, clock.now());
    puppet.end(id, i);
    await call.promise;
  }
  for (let i = 0; i < 8; i++) send(unit, i);
  const before = seen();
  for (let i = 0; i < 4; i++) await Promise.resolve();
  expect([before < 8, before + seen()]).toEqual([true, 8]);
});
