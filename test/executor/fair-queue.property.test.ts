import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { DispatchQueue } from '../../src/executor/dispatch-queue.ts';
import type { DispatchQueueOptions } from '../../src/executor/dispatch-queue-options.ts';
import { priorityShares } from '../../src/executor/lane.ts';
import { resolveTenants, type TenantOptions } from '../../src/executor/tenants.ts';
import type { Linked } from '../../src/foundation/ring.ts';
import { Call } from '../../src/measure/call.ts';
import type { Recorder } from '../../src/measure/recorder.ts';
import { type Priority, priorities } from '../../src/words.ts';
import { recorderFor } from '../support/recorder-for.ts';

class Item extends Call<unknown> implements Linked {
  readonly name: number;
  readonly tenant: string | undefined;
  before: Linked | null = null;
  after: Linked | null = null;

  constructor(recorder: Recorder, name: number, tenant: string | undefined, priority: Priority) {
    super(recorder.books, recorder.series('test'), { ...(tenant !== undefined && { tenant }), priority });
    this.name = name;
    this.tenant = tenant;
    this.promise.catch(() => {});
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function queueOver(units: number, tenants: TenantOptions, options: Partial<DispatchQueueOptions<Item, object>> = {}) {
  const sent: Item[][] = [];
  const out: Item[][] = [];
  const shares: boolean[] = [];
  const time = manualTime();
  const recorder = recorderFor(time);
  let made = 0;
  const queue: DispatchQueue<Item, object> = new DispatchQueue<Item, object>({
    name: 'test',
    carrier: {
      free: (_alone, isShared) => {
        shares.push(isShared === true);
        return out.length < units ? sent : undefined;
      },
      freeCount: () => units - out.length,
      send: (_unit, items) => {
        for (const item of items) item.dispatched();
        sent.push(items);
        out.push(items);
      },
    },
    maxWaiting: Number.POSITIVE_INFINITY,
    tenants: resolveTenants(tenants),
    ...time,
    ...options,
  });
  const offer = (tenant: string | undefined, priority: Priority = 'normal') => {
    const item = new Item(recorder, made++, tenant, priority);
    queue.take(item);
    return item;
  };
  /** A dispatch is back, whose calls have taken so long. */
  const bring = (at = 0, tookMs = 0) => {
    const [items] = out.splice(at, 1);
    if (!items) return [];
    time.advance(tookMs);
    queue.returned(items[0] ?? null);
    for (const item of items) if (!item.settled) item.ok(undefined);
    return items;
  };
  return { queue, sent, out, offer, bring, recorder, shares };
}

/** The same by lists and look-ups alone: deficit round robin as in the paper, with one call as the unit. */
class PlainTurns {
  readonly lanes: {
    tenant: string | undefined;
    waiting: Record<Priority, number[]>;
    left: Record<Priority, number>;
    running: number;
    deficit: number;
    hasTurn: boolean;
  }[] = [];
  /** Tenants that may send, in the order of their turns. */
  active: (string | undefined)[] = [];
  readonly sent: number[][] = [];
  readonly out: { tenant: string | undefined; names: number[] }[] = [];
  readonly #size: number;
  readonly #maxRunning: number;
  readonly #units: number;

  constructor(size: number, maxRunning: number, units: number) {
    this.#size = size;
    this.#maxRunning = maxRunning;
    this.#units = units;
  }

  laneOf(tenant: string | undefined) {
    let lane = this.lanes.find((one) => one.tenant === tenant);
    if (!lane) {
      lane = {
        tenant,
        waiting: { high: [], normal: [], low: [] },
        left: { ...priorityShares },
        running: 0,
        deficit: 0,
        hasTurn: false,
      };
      this.lanes.push(lane);
    }
    return lane;
  }

  countOf(tenant: string | undefined): number {
    return priorities.reduce((sum, one) => sum + this.laneOf(tenant).waiting[one].length, 0);
  }

  offer(name: number, tenant: string | undefined, priority: Priority): void {
    this.laneOf(tenant).waiting[priority].push(name);
    this.settle(tenant);
  }

  cancel(name: number): void {
    for (const lane of this.lanes.slice())
      for (const priority of priorities) {
        lane.waiting[priority] = lane.waiting[priority].filter((one) => one !== name);
        this.settle(lane.tenant);
      }
  }

  bring(at: number): void {
    const [back] = this.out.splice(at, 1);
    if (!back) return;
    this.laneOf(back.tenant).running--;
    this.settle(back.tenant);
  }

  settle(tenant: string | undefined): void {
    const lane = this.laneOf(tenant);
    const maySend = this.countOf(tenant) > 0 && (tenant === undefined || lane.running < this.#maxRunning);
    if (maySend && !this.active.includes(tenant)) this.active.push(tenant);
    if (!maySend) {
      this.active = this.active.filter((one) => one !== tenant);
      lane.deficit = 0;
      lane.hasTurn = false;
    }
    if (this.countOf(tenant) === 0 && lane.running === 0) this.lanes.splice(this.lanes.indexOf(lane), 1);
  }

  leave(): void {
    while (this.out.length < this.#units && this.active.length > 0) {
      const lane = this.laneOf(this.active[0]);
      if (!lane.hasTurn) {
        lane.hasTurn = true;
        lane.deficit += this.#size;
      }
      const names: number[] = [];
      while (names.length < this.#size && this.countOf(lane.tenant) > 0 && lane.deficit >= 1) {
        let next = priorities.find((one) => lane.waiting[one].length > 0 && lane.left[one] > 0);
        if (!next) {
          lane.left = { ...priorityShares };
          next = priorities.find((one) => lane.waiting[one].length > 0) as Priority;
        }
        lane.left[next]--;
        lane.deficit--;
        names.push(lane.waiting[next].shift() as number);
      }
      lane.running++;
      this.sent.push(names);
      this.out.push({ tenant: lane.tenant, names });
      if (lane.deficit < 1) {
        lane.hasTurn = false;
        this.active = [...this.active.slice(1), lane.tenant];
      }
      this.settle(lane.tenant);
    }
  }
}

describe('a queue whose calls name tenants', () => {
  it('a queue of tenants agrees with plain lists whatever happens, mixes none, and forgets who has ended', async () => {
    const tenant = fc.constantFrom('a', 'b', 'c', undefined);
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ tenant, priority: fc.constantFrom(...priorities) }) },
      { weight: 3, arbitrary: fc.record({ bring: fc.nat(8) }) },
      fc.record({ cancel: fc.nat(30) }),
    );
    const settings = fc.record({
      size: fc.integer({ min: 1, max: 3 }),
      units: fc.integer({ min: 1, max: 4 }),
      maxRunning: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), settings, async (steps, { size, units, maxRunning }) => {
        const { queue, sent, out, offer, bring } = queueOver(units, { maxRunning, cost: 'calls' }, { size });
        // The first call names a tenant: from then on turns are taken.
        const plain = new PlainTurns(size, maxRunning, units);
        const items: Item[] = [];
        for (const one of [{ tenant: 'a', priority: 'normal' as const }, ...steps]) {
          if ('bring' in one) {
            const at = one.bring % Math.max(1, out.length);
            plain.bring(at);
            bring(at);
          } else if ('cancel' in one) {
            const item = items.filter((each) => each.after !== null).at(-1 - one.cancel);
            if (item) {
              plain.cancel(item.name);
              queue.aborted(item);
            }
          } else {
            plain.offer(items.length, one.tenant, one.priority);
            items.push(offer(one.tenant, one.priority));
          }
          plain.leave();
          await turn();
          expect(sent.map((dispatch) => dispatch.map(({ name }) => name))).toEqual(plain.sent);
        }
        for (const dispatch of sent) expect(new Set(dispatch.map((item) => item.tenant)).size).toBe(1);
        queue.clear().forEach((item) => item.cancelled());
        while (out.length > 0) bring();
        expect([queue.waiting, queue.running, queue.tenantCount]).toEqual([0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });

  it('tenants that always have calls waiting get equal shares of the time, however long their calls take', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 }), (tookMs) => {
        const { sent, offer, bring } = queueOver(1, { cost: 'time' });
        const shares = tookMs.map(() => 0);
        for (let n = 0; n < 3000 * tookMs.length; n++) offer(`${n % tookMs.length}`);
        // What a call takes is learnt from the first of them, and of a tenant with long calls there are few.
        for (let n = 0; n < 3000; n++) {
          const [item] = bring(0, tookMs[Number(sent.at(-1)?.[0]?.tenant)]);
          const at = Number(item?.tenant);
          if (n > 1500) shares[at] = (shares[at] as number) + (tookMs[at] as number);
        }
        const longest = Math.max(...tookMs);
        // Within a quantum and two calls of each other (Lemma 2).
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(3 * longest);
      }),
      { numRuns: 10 },
    );
  });

  it('of one tenant a call of low priority leaves within 21, however many urgent ones come', () => {
    const { sent, offer, bring } = queueOver(1, {});
    offer('a');
    const low = offer('a', 'low');
    for (let n = 0; n < 100; n++) {
      offer('a', 'high');
      offer('a', 'normal');
      if (sent.some(([item]) => item === low)) break;
      bring();
    }
    expect(sent.findIndex(([item]) => item === low)).toBeGreaterThan(0);
    expect(sent.findIndex(([item]) => item === low)).toBeLessThanOrEqual(21);
  });

  it('a tenant cannot get before another by calling its calls urgent', () => {
    const { sent, offer, bring } = queueOver(1, { cost: 'calls' });
    offer('first');
    for (let n = 0; n < 50; n++) offer('loud', 'high');
    for (let n = 0; n < 10; n++) offer('quiet', 'low');
    for (let n = 0; n < 20; n++) bring();
    expect(sent.slice(1, 21).filter(([item]) => item?.tenant === 'quiet')).toHaveLength(10);
  });

  it('a tenant whose batches do not fill up leaves in its turn, though another always has full ones', async () => {
    const { sent, offer, bring } = queueOver(1, {}, { size: 4 });
    for (let n = 0; n < 400; n++) offer('loud');
    await turn();
    offer('quiet');
    await turn();
    for (let n = 0; n < 4; n++) bring();
    expect(sent.slice(0, 5).some(([item]) => item?.tenant === 'quiet')).toBe(true);
  });

  it('a unit is asked for as a shared one only while calls of tenants wait or run', () => {
    const { offer, bring, shares } = queueOver(1, {});
    offer(undefined);
    bring();
    offer('a');
    bring();
    offer(undefined);
    expect(shares).toContain(true);
    expect([shares[0], shares.at(-1)]).toEqual([false, false]);
  });

  it('tenants that come once each leave nothing behind', () => {
    const { queue, offer, bring } = queueOver(1, { maxRunning: 1, maxQueue: 1 });
    for (let n = 0; n < 30_000; n++) {
      offer(`tenant-${n}`);
      bring();
    }
    expect(queue.tenantCount).toBe(0);
  });

  it('a call beyond what its tenant may have waiting is shed with an error that names the limit, and no other tenant is', async () => {
    const { offer, recorder } = queueOver(1, { maxQueue: 2 });
    const calls = [1, 2, 3, 4].map(() => offer('greedy'));
    const other = offer('modest');
    await expect(calls[3]?.promise).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_TENANT_LIMIT',
      outcome: 'shed',
      message: expect.stringMatching(/at most 2 waiting calls of tenant "greedy" \(tenants\.maxQueue\)/u) as string,
    });
    expect([calls[2]?.settled, other.settled]).toEqual([false, false]);
    expect(recorder.totals().outcomes.shed).toBe(1);
  });

  it('a call whose bytes are more than its tenant may have waiting is shed', () => {
    const carrier = { free: () => undefined, freeCount: () => 0, send: () => {}, bytesOf: () => 400 };
    const { offer } = queueOver(0, { maxQueueBytes: 1000 }, { carrier });
    expect(['a', 'a', 'a', 'b'].map((tenant) => offer(tenant).settled)).toEqual([false, false, true, false]);
  });
});
