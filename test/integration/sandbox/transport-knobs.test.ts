/** Knobs of the way calls travel: which it is, and those of shared memory. */
import { describe, expect, it } from 'vitest';
import type { Knob } from '../../../src/contracts.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { errorOf, openSandbox, probe, transport } from './guests.ts';

function knobOf(sandbox: Sandbox, id: string): Knob<number> {
  const knob = sandbox.knobs.find((one) => one.id === id) as Knob<number> | undefined;
  if (!knob) throw new Error(`no knob ${id}`);
  return knob;
}

describe.skipIf(transport === 'ring')('transport', () => {
  const transportOf = (sandbox: Sandbox) =>
    sandbox.knobs.find(({ id }) => id === 'transport') as unknown as Knob<string>;

  it('transport moves both ways by effect, over the same workers: only messages carry several calls', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 2, batchSize: 4, transport: 'either' });
    const knob = transportOf(sandbox);
    using window = sandbox.openWindow();
    const seen = async () => {
      window.cut();
      const answers = await Promise.all(Array.from({ length: 16 }, () => sandbox.function('who')()));
      const { batches, batchedCalls, workerStarts } = window.cut().work;
      const { threadId } = answers[0] as { threadId: number };
      return { callsABatch: batchedCalls / batches, workerStarts, threadId };
    };
    const first = await seen();
    expect(first).toMatchObject({ callsABatch: 4, workerStarts: 0 });
    for (const name of ['ring', 'message', 'ring', 'ring', 'message']) {
      await using _ = await knob.keepWarm('message', 'ring');
      await knob.apply(name);
      expect(knob.read()).toEqual({ requested: name, effective: name });
      expect(await seen()).toMatchObject({ callsABatch: name === 'ring' ? 1 : 4, workerStarts: 0 });
    }
    expect(knob.patch('ring')).toMatchObject({
      after: "transport: 'ring',   // in place of batchSize and batchLingerMs",
    });
    for (const id of ['batchSize', 'batchLingerMs'])
      expect(knobOf(sandbox, id)).toMatchObject({ actsUnder: { transport: 'message' } });
  });

  it('the edit that moves transport names what is refused beside it, also where that says the defaults', async () => {
    const said = await openSandbox({ guests: { probe }, batchSize: 1, batchLingerMs: 0, transport: 'either' });
    expect(transportOf(said).patch('ring').after).toContain('in place of batchSize and batchLingerMs');
    const unsaid = await openSandbox({ guests: { probe }, transport: 'either' });
    expect(transportOf(unsaid).patch('ring').after).not.toContain('in place of');
  });

  it('transport moves under load without losing a call, also where one of them runs or fails meanwhile', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 2, batchSize: 3, transport: 'either' });
    const knob = transportOf(sandbox);
    let isOver = false;
    let wrong = 0;
    let done = 0;
    const loops = Array.from({ length: 12 }, async (_, i) => {
      for (let n = 0; !isOver; n++) {
        if (i === 0) await sandbox.function('wait')(3);
        else if (i === 1) await errorOf(sandbox.function('fail')('on purpose'));
        else if ((await sandbox.function('echo')(n)) !== n) wrong++;
        done++;
      }
    });
    for (let flip = 0; flip < 20; flip++) {
      await knob.apply(flip % 2 === 0 ? 'ring' : 'message');
      await sandbox.function('echo')(flip);
    }
    // A flip may be taken back before all workers have come over.
    await Promise.all(['ring', 'message', 'ring', 'message'].map((name) => knob.apply(name)));
    isOver = true;
    await Promise.all(loops);
    expect({ wrong, inFlight: sandbox.totals().inFlight }).toEqual({ wrong: 0, inFlight: 0 });
    expect(done).toBeGreaterThan(12);
  });

  it('a worker that ends while calls change their transport takes none with it that had not begun', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 2, transport: 'either' });
    const knob = transportOf(sandbox);
    for (const name of ['ring', 'message']) {
      const ended = errorOf(sandbox.function('exit')());
      const behind = sandbox.function('echo')(name);
      await knob.apply(name);
      expect(await ended).toMatchObject({ code: 'ERR_SANDTUNE_WORKER_LOST' });
      expect(await behind).toBe(name);
      expect(await sandbox.function('echo')(1)).toBe(1);
    }
  });

  it('without batches the option is all there is to write', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, transport: 'either' });
    expect(Object.keys(sandbox.withheld)).toEqual(['spinUs', 'depth', 'coalesceUs']);
    expect(transportOf(sandbox).patch('ring')).toMatchObject({
      after: "transport: 'ring',",
      options: [{ value: 'ring' }],
    });
  });

  it("transport is a knob only where workers are made for either, so that 'message' is piscina's own way", async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, transport: 'message' });
    expect(sandbox.knobs.map(({ id }) => id)).toEqual(['threads', 'batchSize', 'batchLingerMs', 'moduleCacheCapacity']);
  });

  it('batchSize may move while calls travel in shared memory, and counts once they travel in messages again', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 2, transport: 'either' });
    await transportOf(sandbox).apply('ring');
    await knobOf(sandbox, 'batchSize').apply(8);
    expect(knobOf(sandbox, 'batchSize').read()).toEqual({ requested: 8, effective: 8 });
    using window = sandbox.openWindow();
    const batchesOf16 = async () => {
      window.cut();
      await Promise.all(Array.from({ length: 16 }, () => sandbox.function('echo')(1)));
      return window.cut().work.batches;
    };
    expect(await batchesOf16()).toBe(16);
    await transportOf(sandbox).apply('message');
    expect(await batchesOf16()).toBe(2);
  });
});

const ofRings = describe.skipIf(transport === 'message');

ofRings('depth', () => {
  it('depth moves both ways by effect: a call beyond it is read only when one before it has ended', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, depth: 2 });
    const [echo, length] = [sandbox.function('echo'), sandbox.function('length')];
    const isReadEarly = async () => {
      let wasRead = false;
      const list = Object.defineProperty({}, 'length', { enumerable: true, get: () => ((wasRead = true), 3) });
      // Both are made in one turn of the event loop, in which no answer comes.
      const [before, behind] = [echo(1), length(list)];
      const early = wasRead;
      expect([await before, await behind]).toEqual([1, 3]);
      return early;
    };
    expect(await isReadEarly()).toBe(true);
    for (const depth of [1, 512]) {
      await knobOf(sandbox, 'depth').apply(depth);
      expect(knobOf(sandbox, 'depth').read()).toEqual({ requested: depth, effective: depth });
      expect(await isReadEarly()).toBe(depth > 1);
    }
  });
});

ofRings('spinUs and coalesceUs', () => {
  it('spinUs and coalesceUs move under load without losing a call, and start where the options say', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 2, spinUs: 5, coalesceUs: 7 });
    expect(knobOf(sandbox, 'spinUs').read().effective).toBe(5);
    expect(knobOf(sandbox, 'coalesceUs').read().effective).toBe(7);
    const calls: Promise<unknown>[] = [];
    for (const us of [0, 1000, 20]) {
      for (let i = 0; i < 50; i++) calls.push(sandbox.function('echo')(us));
      for (const id of ['spinUs', 'coalesceUs']) {
        await knobOf(sandbox, id).apply(us);
        expect(knobOf(sandbox, id).read()).toEqual({ requested: us, effective: us });
        expect(knobOf(sandbox, id).patch(us)).toMatchObject({ after: `${id}: ${us},` });
      }
    }
    expect(await Promise.all(calls)).toEqual([0, 1000, 20].flatMap((us) => Array(50).fill(us)));
  });
});
