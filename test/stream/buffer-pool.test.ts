import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { BufferPool, bufferTierBytes, type PooledBuffer } from 'sandtune/stream';
import { describe, expect, it, vi } from 'vitest';
import { turns } from './stream-support.ts';

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

describe('BufferPool', () => {
  it('gives the smallest size that holds what is asked for, and as many bytes as that', async () => {
    const pool = new BufferPool();
    const lengths = [0, 1, 1024, 1025, 65_536, 65_537, 2 ** 20];
    const taken = await Promise.all(lengths.map((length) => pool.take(length)));
    expect(taken.map(({ bytes }) => bytes.length)).toEqual(lengths);
    expect(pool.use.tiers.map(({ out }) => out)).toEqual([3, 2, 2]);
    expect(taken[3]?.bytes.buffer.byteLength).toBe(65_536);
  });

  it('has as many buffers as before where the system had no memory for one', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    class NoMemory extends ArrayBuffer {
      constructor() {
        super(0);
        throw new RangeError('Array buffer allocation failed');
      }
    }
    vi.stubGlobal('ArrayBuffer', NoMemory);
    try {
      await expect(pool.take(8)).rejects.toThrow(RangeError);
    } finally {
      vi.unstubAllGlobals();
    }
    expect((await pool.take(8)).bytes.length).toBe(8);
  });

  it('cuts off the views that somebody has kept when a buffer is released, and gives its memory on', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    const first = await pool.take(8);
    const kept = first.bytes;
    kept.fill(7);
    first.release();
    first.release();
    expect(kept.length).toBe(0);
    expect(() => first.bytes).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_CLOSED' }));
    const second = await pool.take(8);
    kept[0] = 9;
    expect([...second.bytes]).toEqual(Array(8).fill(7));
    expect(pool.use.tiers[0]).toEqual({ bytes: 1024, out: 1, idle: 0, waiting: 0 });
  });

  it('zeroes all of a buffer that another tenant had, and none that the same one had', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    const whole = await pool.take(1024, { tenant: 'a' });
    whole.bytes.fill(7);
    whole.release();
    const small = await pool.take(1, { tenant: 'a' });
    expect(small.bytes[0]).toBe(7);
    small.release();
    const other = await pool.take(1, { tenant: 'b' });
    expect(isZero(new Uint8Array(other.bytes.buffer))).toBe(true);
  });

  it('lets who finds none wait, first come first served, and nobody pass those who wait', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    const out = await pool.take(1);
    const order: string[] = [];
    const wait = async (name: string) => {
      const buffer = await pool.take(1);
      order.push(name);
      return buffer;
    };
    const waiting = [wait('first'), wait('second')];
    expect(pool.tryTake(1)).toBeUndefined();
    out.release();
    waiting.push(wait('third'));
    for (const one of waiting) (await one).release();
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('lets go of who waits when its signal aborts, with the reason, and listens no longer', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    const out = await pool.take(1);
    const stop = new AbortController();
    const aborted = pool.take(1, { signal: stop.signal });
    const behind = pool.take(1);
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(pool.take(1, { signal: stop.signal })).rejects.toBe(reason);
    out.release();
    (await behind).release();
    const patient = new AbortController();
    (await pool.take(1, { signal: patient.signal })).release();
    expect(getEventListeners(patient.signal, 'abort')).toEqual([]);
    expect(pool.use.tiers[0]).toEqual({ bytes: 1024, out: 0, idle: 1, waiting: 0 });
  });

  it('refuses who waits when it is closed, and keeps nothing that is released then', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    const out = await pool.take(1);
    const view = out.bytes;
    const waiting = pool.take(1);
    pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    await expect(pool.take(1)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    out.release();
    expect(view.length).toBe(0);
    expect(pool.use.tiers[0]).toMatchObject({ out: 0, idle: 0 });
  });

  it.each([
    [() => new BufferPool({ counts: [1, 1] as never }), /counts: expected three numbers/],
    [() => new BufferPool({ counts: [0, 0, 0] }), /counts: expected at least one buffer/],
    [() => new BufferPool({ count: 1 } as never), /count/],
    [() => new BufferPool().tryTake(2 ** 20 + 1), /byteLength: expected .*1,?048,?576/],
    [() => new BufferPool({ counts: [1, 0, 0] }).tryTake(1025), /byteLength: expected/],
    [() => new BufferPool().tryTake(1, { tenant: 1 as never }), /tenant: expected a text/],
  ])('refuses what it cannot do', (make, message) => {
    expect(make).toThrow(message);
  });

  it('holds to a model whatever is taken, written, released and aborted', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('take' as const),
        length: fc.constantFrom(0, 1, 1000, 1024, 1025, 60_000, 65_537, 2 ** 20),
        tenant: fc.constantFrom('a', 'b'),
      }),
      fc.record({ kind: fc.constantFrom('release' as const, 'abort' as const), which: fc.nat(20) }),
    );
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.tuple(fc.nat(2), fc.nat(2), fc.integer({ min: 1, max: 2 })),
      async (steps, counts) => {
        const pool = new BufferPool({ counts });
        const tierOf = (length: number) => bufferTierBytes.findIndex((size, i) => counts[i] !== 0 && size >= length);
        interface Owner {
          readonly tier: number;
          readonly tenant: string;
          readonly mark: number;
          readonly stop: AbortController;
          buffer?: PooledBuffer;
          isAborted?: boolean;
        }
        const owners: Owner[] = [];
        const waiting: Owner[] = [];
        let mark = 0;
        for (const one of steps) {
          if (one.kind === 'take') {
            const owner: Owner = {
              tier: tierOf(one.length),
              tenant: one.tenant,
              mark: 1 + (mark++ % 200),
              stop: new AbortController(),
            };
            waiting.push(owner);
            pool.take(one.length, { tenant: one.tenant, signal: owner.stop.signal }).then(
              (buffer) => {
                owner.buffer = buffer;
              },
              () => {
                owner.isAborted = true;
              },
            );
          } else if (one.kind === 'release' && owners.length > 0) {
            const [owner] = owners.splice(one.which % owners.length, 1) as [Owner];
            const { bytes } = owner.buffer as PooledBuffer;
            // Nobody else has written there while it was owned.
            expect(bytes.every((byte) => byte === owner.mark)).toBe(true);
            owner.buffer?.release();
            expect(bytes.length).toBe(0);
          } else if (one.kind === 'abort' && waiting.length > 0) {
            const [owner] = waiting.splice(one.which % waiting.length, 1) as [Owner];
            owner.stop.abort();
          }
          await turns(2);
          // By the model each size serves who came first, as far as there are buffers of it.
          for (const tier of [0, 1, 2]) {
            for (;;) {
              const next = waiting.find((owner) => owner.tier === tier);
              const out = owners.filter((owner) => owner.tier === tier).length;
              if (!next || out >= (counts[tier] as number)) break;
              waiting.splice(waiting.indexOf(next), 1);
              owners.push(next);
              const bytes = next.buffer?.bytes;
              expect(bytes).toBeDefined();
              const whole = new Uint8Array((bytes as Uint8Array).buffer);
              const strangers = whole.filter((byte) => byte !== 0 && !marksOf(next.tenant).has(byte));
              expect(strangers.length).toBe(0);
              bytes?.fill(next.mark);
              marksOf(next.tenant).add(next.mark);
            }
            const use = pool.use.tiers[tier];
            expect(use).toMatchObject({
              out: owners.filter((owner) => owner.tier === tier).length,
              waiting: waiting.filter((owner) => owner.tier === tier).length,
            });
            expect((use?.out ?? 0) + (use?.idle ?? 0)).toBeLessThanOrEqual(counts[tier] as number);
          }
          for (const owner of waiting) expect(owner.buffer).toBeUndefined();
        }

        function marksOf(tenant: string): Set<number> {
          const own = marks.get(tenant) ?? new Set();
          marks.set(tenant, own);
          return own;
        }
      },
    );
    const marks = new Map<string, Set<number>>();
    await fc.assert(
      property.beforeEach(() => marks.clear()),
      { numRuns: 60 },
    );
  });

  it('give their place back also where their memory was moved away meanwhile', async () => {
    const pool = new BufferPool({ counts: [1, 0, 0] });
    const moved = await pool.take(10);
    const next = pool.take(10);
    structuredClone(moved.bytes.buffer, { transfer: [moved.bytes.buffer as ArrayBuffer] });
    moved.release();
    expect((await next).bytes.length).toBe(10);
    expect(pool.use.tiers[0]).toMatchObject({ out: 1, waiting: 0 });
  });
});
