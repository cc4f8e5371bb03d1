/**
 * What a queue does for the calls that others are in the way of: tiny calls behind one that is slow, and
 * those of tenants beside one that sends all it can.
 */
import { quantileSorted } from 'simple-statistics';
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { Entries } from '../arms/entries.ts';
import type { Numbers, OpenArm } from '../compare.ts';
import { type AlikeSpec, armOf } from './alike/arms.ts';
import { expectedWork } from './guest.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export type QueueingSpec =
  | { readonly scenario: 'behind-slow'; readonly arm: AlikeSpec; readonly bytes: Bytes }
  | {
      readonly scenario: 'tenants';
      readonly transport: 'message' | 'ring';
      readonly hasHostile: boolean;
      readonly bytes: Bytes;
    };

export async function openArm(spec: QueueingSpec, entries: Entries): Promise<OpenArm> {
  if (spec.scenario === 'tenants') return openTenants(spec, entries);
  const arm = await armOf(spec.arm, spec.bytes, undefined, entries);
  const call = async (turns: number) => arm.result(await arm.call('mix', turns, 1)) as number;
  const slowTurns = await turnsOf(50, call);
  return { measure: (forMs) => behindSlow(call, slowTurns, forMs), [Symbol.asyncDispose]: () => arm.close() };
}

/** How many turns of the guest take so long here. */
async function turnsOf(ms: number, call: (turns: number) => Promise<number>): Promise<number> {
  let turns = 1_000_000;
  for (let round = 0; round < 4; round++) {
    const startMs = systemClock.now();
    await call(turns);
    turns = Math.round((turns * ms) / (systemClock.now() - startMs));
  }
  return turns;
}

const tinyCalls = 60;

/** One slow call and at once sixty tiny ones, again and again; of the tiny ones, how long they took. */
async function behindSlow(
  call: (turns: number) => Promise<number>,
  slowTurns: number,
  forMs: number,
): Promise<Numbers> {
  const timesMs: number[] = [];
  const endMs = systemClock.now() + forMs;
  const expected = expectedWork(1);
  do {
    const slow = call(slowTurns);
    const tiny = Array.from({ length: tinyCalls }, async () => {
      const startMs = systemClock.now();
      if ((await call(1)) !== expected) throw new Error('a wrong result');
      timesMs.push(systemClock.now() - startMs);
    });
    await Promise.all([slow, ...tiny]);
    // The other worker goes to sleep, as it would between bursts.
    await systemTimers.sleep(2, { keepAlive: true });
  } while (systemClock.now() < endMs);
  timesMs.sort((a, b) => a - b);
  return { 'p95-ms': quantileSorted(timesMs, 0.95), 'p99-ms': quantileSorted(timesMs, 0.99) };
}

const quietTenants = 3;
/** Calls a second of the quiet tenants together, as a share of what the workers can do. */
const quietShare = 0.25;
const callMs = 1;
const threads = 2;
const hostileInFlight = 256;

async function openTenants(
  { transport, hasHostile, bytes }: Extract<QueueingSpec, { scenario: 'tenants' }>,
  entries: Entries,
): Promise<OpenArm> {
  const { createSandbox } = await entries.sandtune();
  const sandbox = await createSandbox({ guests: { guest: { module: bytes } }, threads, maxThreads: 4, transport });
  const work = sandbox.function('guest.work');
  const turns = await turnsOf(callMs, (n) => work(n) as Promise<number>);
  const expected = expectedWork(turns);
  const random = randomStream(1, 'arrivals');
  let errors = 0;
  const call = async (tenant: string) => {
    const got = await work.run([turns], { tenant }).catch(() => undefined);
    if (got !== expected) errors++;
  };
  const measure = async (forMs: number): Promise<Numbers> => {
    const endMs = systemClock.now() + forMs;
    const hostile = Array.from({ length: hasHostile ? hostileInFlight : 0 }, async () => {
      while (systemClock.now() < endMs) await call('hostile');
    });
    const meanGapMs = (quietTenants * callMs) / (quietShare * threads);
    const timesMs: number[] = [];
    const quiet = Array.from({ length: quietTenants }, async (_, tenant) => {
      const calls: Promise<void>[] = [];
      let dueMs = systemClock.now();
      while (dueMs < endMs) {
        dueMs += -Math.log(1 - random()) * meanGapMs;
        const waitMs = dueMs - systemClock.now();
        if (waitMs > 0) await systemTimers.sleep(waitMs, { keepAlive: true });
        // From when it was sent: a timer here is late by as much as the machine likes.
        const sentMs = systemClock.now();
        calls.push(call(`quiet-${tenant}`).then(() => void timesMs.push(systemClock.now() - sentMs)));
      }
      await Promise.all(calls);
    });
    await Promise.all([...hostile, ...quiet]);
    if (errors > 0) throw new Error(`${errors} calls failed or gave a wrong result`);
    timesMs.sort((a, b) => a - b);
    return { 'p99-ms': quantileSorted(timesMs, 0.99), 'p50-ms': quantileSorted(timesMs, 0.5) };
  };
  return { measure, [Symbol.asyncDispose]: () => sandbox.close() };
}
