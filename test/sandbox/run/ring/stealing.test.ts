import { expect, it } from 'vitest';
import { callState } from '../../../../src/sandbox/run/ring/claim.ts';
import { answerKinds } from '../../../../src/sandbox/run/ring/worker-memory.ts';
import type { WorkerUnit } from '../../../../src/sandbox/run/worker-unit.ts';
import { type Puppet, transportOver, turns } from './puppets.ts';

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

it('calls behind one that runs on are given to workers that are busy with others, where none is idle', async () => {
  const { units, puppets, send, clock } = transportOver(2);
  const [stuck, busy] = puppets as [Puppet, Puppet];
  const calls = [0, 1, 2].map((arg) => send(units[0] as WorkerUnit, arg));
  const own = Array.from({ length: 50 }, (_, arg) => send(units[1] as WorkerUnit, 10 + arg));
  stuck.run(stuck.take() as number, clock.now());
  await turns();
  for (let id = busy.take(); id !== undefined; id = busy.take()) {
    busy.run(id, clock.now());
    busy.end(id, id);
  }
  await Promise.all([...own, ...calls.slice(1)].map(({ promise }) => promise));
  expect(calls.map(({ settled }) => settled)).toEqual([false, true, true]);
});

it('a worker that holds as many calls as it may gets none from behind one that runs on before it has answered some', async () => {
  const { settings, units, puppets, send, clock } = transportOver(2);
  settings.depth = 4;
  const [stuck, busy] = puppets as [Puppet, Puppet];
  const [, waits] = [0, 1].map((arg) => send(units[0] as WorkerUnit, arg));
  for (let arg = 0; arg < 4; arg++) send(units[1] as WorkerUnit, 10 + arg);
  stuck.run(stuck.take() as number, clock.now());
  const ids = [busy.take(), busy.take(), busy.take(), busy.take()] as number[];
  await turns();
  expect(busy.take()).toBeUndefined();
  for (const id of ids.slice(0, 2)) {
    busy.run(id, clock.now());
    busy.end(id, id);
  }
  await turns();
  const given = busy.take() as number;
  for (const id of [...ids.slice(2), given]) {
    busy.run(id, clock.now());
    busy.end(id, id);
  }
  await waits?.promise;
});

it('calls that were taken from behind one that runs on wait with nobody, and take no room from others', async () => {
  const { transport, units, puppets, send, clock } = transportOver(2);
  const [stuck, other] = puppets as [Puppet, Puppet];
  for (const arg of [0, 1, 2, 3]) send(units[0] as WorkerUnit, arg);
  const id = stuck.take() as number;
  stuck.run(id, clock.now());
  expect(transport.held).toBe(3);
  await turns();
  // One of the three runs on the other worker.
  expect(transport.held).toBe(2);
  for (let given = other.take(); given !== undefined; given = other.take()) {
    other.run(given, clock.now());
    other.end(given, 0);
  }
  await turns();
  expect(transport.held).toBe(0);
  stuck.end(id, 0);
  await turns();
  expect(transport.held).toBe(0);
  for (let passed = stuck.take(); passed !== undefined; passed = stuck.take()) stuck.answer(passed, answerKinds.passed);
  await turns();
  expect(transport.held).toBe(0);
  for (const arg of [0, 1, 2]) send(units[0] as WorkerUnit, arg);
  expect(transport.held).toBe(2);
});
