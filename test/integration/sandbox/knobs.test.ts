import { describe, expect, it, onTestFinished } from 'vitest';
import type { Knob } from '../../../src/contracts.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { epochOf, errorOf, openSandbox, probe, transport } from './guests.ts';

function knobOf(sandbox: Sandbox, id: string): Knob<number> {
  const knob = sandbox.knobs.find((one) => one.id === id) as Knob<number> | undefined;
  if (!knob) throw new Error(`no knob ${id}`);
  return knob;
}

/** Threads that serve a burst of blocking calls. */
async function threadsSeen(sandbox: Sandbox): Promise<number> {
  const wait = sandbox.function('wait');
  return new Set(await Promise.all(Array.from({ length: 12 }, () => wait(5)))).size;
}

describe('threads', () => {
  it('threads move both ways by effect: as many threads serve calls as the knob says', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 2, maxThreads: 4 });
    const threads = knobOf(sandbox, 'threads');
    expect(await threadsSeen(sandbox)).toBe(2);
    for (const count of [4, 1, 3]) {
      await threads.apply(count);
      expect(threads.read()).toEqual({ requested: count, effective: count });
      expect(await threadsSeen(sandbox)).toBe(count);
    }
  });

  it('threads move under load without losing a call, and are effective only when surplus workers are done', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 3, maxThreads: 4 });
    const wait = sandbox.function('wait');
    const calls = Array.from({ length: 30 }, () => wait(20));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const threads = knobOf(sandbox, 'threads');
    const lowered = threads.apply(1);
    await Promise.resolve();
    await Promise.resolve();
    expect(threads.read()).toEqual({ requested: 1, effective: 3 });
    await lowered;
    expect(threads.read().effective).toBe(1);
    await threads.apply(4);
    expect(await Promise.all(calls)).toHaveLength(30);
    expect(await threadsSeen(sandbox)).toBe(4);
  });

  it('threads flip between warm values without starting a worker, and the surplus ends afterwards', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, maxThreads: 4 });
    const threads = knobOf(sandbox, 'threads');
    const warm = await threads.keepWarm(1, 3);
    using window = sandbox.openWindow();
    expect(await threadsSeen(sandbox)).toBe(1);
    for (const count of [3, 1, 3, 1]) {
      await threads.apply(count);
      expect(await threadsSeen(sandbox)).toBe(count);
    }
    expect(window.cut().work.workerStarts).toBe(0);
    await warm[Symbol.asyncDispose]();
    await threads.apply(3);
    expect(window.cut().work.workerStarts).toBe(2);
  });
});

/** Batches are of messages. */
const ofMessages = describe.skipIf(transport === 'ring');

ofMessages('batchSize', () => {
  it('batchSize moves both ways by effect: as many calls travel in a message as the knob says', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 1 });
    using window = sandbox.openWindow();
    const sizeSeen = async () => {
      window.cut();
      await Promise.all(Array.from({ length: 32 }, () => sandbox.function('echo')(1)));
      const { batches, batchedCalls } = window.cut().work;
      return batchedCalls / batches;
    };
    expect(await sizeSeen()).toBe(1);
    for (const size of [32, 8, 16, 1]) {
      await knobOf(sandbox, 'batchSize').apply(size);
      expect(knobOf(sandbox, 'batchSize').read()).toEqual({ requested: size, effective: size });
      expect(await sizeSeen()).toBe(size);
    }
  });
});

ofMessages('batchLingerMs', () => {
  it('batchLingerMs moves both ways by effect: calls that trickle in share a message only while it lasts', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8 });
    using window = sandbox.openWindow();
    const batchesSeen = async () => {
      window.cut();
      const calls: Promise<unknown>[] = [];
      for (let i = 0; i < 8; i++) {
        const call = sandbox.function('echo')(i);
        calls.push(call);
        // Without a linger each call is served before the next comes in.
        if (knobOf(sandbox, 'batchLingerMs').read().requested === 0) await call;
        else await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(calls);
      return window.cut().work.batches;
    };
    expect(await batchesSeen()).toBe(8);
    await knobOf(sandbox, 'batchLingerMs').apply(100);
    expect(await batchesSeen()).toBe(1);
    await knobOf(sandbox, 'batchLingerMs').apply(0);
    expect(await batchesSeen()).toBe(8);
  });

  it('a lowered batchLingerMs sends the calls that wait', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8, batchLingerMs: 100 });
    using window = sandbox.openWindow();
    const call = sandbox.function('echo')(1);
    await knobOf(sandbox, 'batchLingerMs').apply(0);
    await call;
    expect(window.cut()).toMatchObject({ steady: false, outcomes: { ok: 1 } });
  });
});

describe('moduleCacheCapacity', () => {
  const guests = { a: probe, b: probe, c: probe };
  const open = (capacity: number) => openSandbox({ guests, threads: 1, moduleCacheCapacity: capacity });

  /** Instances made while the three guests are called in turn, four times. */
  async function made(sandbox: Sandbox): Promise<number> {
    const count = async (name: string) =>
      ((await sandbox.run({ function: `${name}.who` })) as { instancesMade: number }).instancesMade;
    const before = await count('a');
    let last = before;
    for (let round = 0; round < 4; round++) for (const name of ['b', 'c', 'a']) last = await count(name);
    return last - before;
  }

  it('moduleCacheCapacity moves both ways by effect: guests beyond it are instantiated again', async () => {
    const sandbox = await open(3);
    const capacity = knobOf(sandbox, 'moduleCacheCapacity');
    await made(sandbox);
    expect(await made(sandbox)).toBe(0);
    // Three guests in turn are LRU's worst case: below three every call misses. Going up, one is missing.
    for (const [value, again] of [
      [2, 12],
      [3, 1],
      [1, 12],
    ] as const) {
      await capacity.apply(value);
      expect(capacity.read()).toEqual({ requested: value, effective: value });
      expect(await made(sandbox)).toBe(again);
    }
  });

  it('moduleCacheCapacity keeps instances warm for a trial, and pays a hit beyond it like a miss', async () => {
    const sandbox = await open(3);
    const capacity = knobOf(sandbox, 'moduleCacheCapacity');
    await using _ = await capacity.keepWarm(1, 3);
    await made(sandbox);
    await capacity.apply(1);
    expect(await made(sandbox)).toBe(12);
    await capacity.apply(3);
    // Nothing has to be filled again: the flip is only a change of routing.
    expect(await made(sandbox)).toBe(0);
  });

  it('moduleCacheCapacity is effective only when the workers have worked under it', async () => {
    const sandbox = await open(3);
    const capacity = knobOf(sandbox, 'moduleCacheCapacity');
    const running = sandbox.run({ function: 'a.wait', args: [60] });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const applied = capacity.apply(1);
    await Promise.resolve();
    await Promise.resolve();
    expect(capacity.read()).toEqual({ requested: 1, effective: 3 });
    await running;
    await applied;
    expect(capacity.read().effective).toBe(1);
  });
});

describe('every knob', () => {
  it('every knob of a sandbox refuses a value outside its domain and changes nothing', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 2, maxThreads: 4 });
    const epoch = epochOf(sandbox);
    for (const [id, bad] of [
      ['threads', 5],
      ['threads', 0],
      ['threads', 1.5],
      ['batchSize', 1025],
      ['batchLingerMs', -1],
      ['moduleCacheCapacity', 257],
      ['batchSize', Number.NaN],
      ['batchSize', '8' as never],
    ] as const) {
      if (transport === 'ring' && id.startsWith('batch')) continue;
      const knob = knobOf(sandbox, id);
      const before = knob.read();
      expect(await errorOf(knob.apply(bad))).toMatchObject({
        code: 'ERR_SANDTUNE_KNOB',
        message: expect.stringContaining(id),
      });
      expect(knob.read()).toEqual(before);
    }
    expect(epochOf(sandbox)).toBe(epoch);
  });

  it('a knob of a sandbox that moves begins an epoch with the new settings', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, maxThreads: 2 });
    using window = sandbox.openWindow();
    await knobOf(sandbox, 'moduleCacheCapacity').apply(4);
    expect(window.cut().steady).toBe(false);
    expect(window.cut()).toMatchObject({
      steady: true,
      epoch: 1,
      settings: {
        threads: 1,
        moduleCacheCapacity: 4,
        ...(transport === 'message' && { batchSize: 1, batchLingerMs: 0 }),
      },
    });
  });

  it("the patch of a sandbox's knob is the edit that keeps a value", async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 3, maxThreads: 4 });
    expect(knobOf(sandbox, 'threads').patch(2)).toMatchObject({ before: 'threads: 3,', after: 'threads: 2,' });
  });

  it('knobs of a sandbox move one after the other, also together with keepWarm', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, maxThreads: 4 });
    const threads = knobOf(sandbox, 'threads');
    const [warm] = await Promise.all([threads.keepWarm(1, 2), threads.apply(4), threads.apply(2), threads.apply(3)]);
    expect(threads.read()).toEqual({ requested: 3, effective: 3 });
    await Promise.all([warm[Symbol.asyncDispose](), warm[Symbol.asyncDispose](), threads.apply(1)]);
    expect(await threadsSeen(sandbox)).toBe(1);
  });

  it('knobs of a closed sandbox refuse to move', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    await sandbox.close();
    expect(await errorOf(knobOf(sandbox, 'threads').apply(2))).toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
  });

  it('knobs settle their moves when the sandbox is closed meanwhile', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, maxThreads: 8 });
    const threads = knobOf(sandbox, 'threads');
    const moves = Promise.allSettled([threads.apply(8), threads.keepWarm(1, 4), threads.apply(1)]);
    await sandbox.close();
    for (const one of await moves) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SANDTUNE_CLOSED' } });
    }
    expect(threads.read().requested).toBe(1);
    expect(await errorOf(threads.keepWarm(1, 4))).toMatchObject({
      code: 'ERR_SANDTUNE_CLOSED',
      message: 'threads: expected an open executor, got one that was closed',
    });
  });

  it('a moduleCacheCapacity that was moved is effective in the end when another worker cannot start', async () => {
    const guest = {
      ...probe,
      binding: new URL('./ending-binding.ts', import.meta.url),
      functions: ['exit', 'wait'],
    };
    const workerUrl = new URL('./late-start-worker.ts', import.meta.url);
    const sandbox = await openSandbox({ guests: { guest }, threads: 2, maxThreads: 2, workerUrl });
    process.env['SANDTUNE_TEST_START'] = 'throw';
    onTestFinished(() => void delete process.env['SANDTUNE_TEST_START']);
    // Longer than it takes to give up starting the other worker.
    const busy = sandbox.function('wait')(5000);
    const ended = errorOf(sandbox.function('exit')());
    const capacity = knobOf(sandbox, 'moduleCacheCapacity');
    await capacity.apply(5);
    expect(capacity.read()).toEqual({ requested: 5, effective: 5 });
    await Promise.all([busy, ended]);
  });
});
