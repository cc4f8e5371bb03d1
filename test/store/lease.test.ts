import { expect, it } from 'vitest';
import { leaseMs } from '../../src/store/lease.ts';
import { type ProcessIdentity, thisProcess } from '../../src/store/process-identity.ts';
import type { Store } from '../../src/store/store.ts';
import { meddle, open, row, storeFile, texts, wallMs } from './support.ts';

function claim(store: Store, owner: string, nowMs: number, wall = wallMs) {
  return store.leases.claim({ subject: 'pool', owner, nowMs, wallMs: wall });
}

/** Looks every few seconds, and is refused each time. */
function watch(store: Store, fromMs: number, toMs: number): void {
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 3000)
    expect(claim(store, 'me', nowMs)).toMatchObject({ granted: false });
  expect(claim(store, 'me', toMs)).toMatchObject({ granted: false });
}

/** A file whose lease another process holds. */
async function heldBy(holder: Partial<ProcessIdentity>) {
  const path = storeFile();
  const { store } = open(path);
  claim(store, 'other', 0);
  await store.durable();
  meddle(path, `UPDATE leases SET holder = '${JSON.stringify({ ...thisProcess(), ...holder })}'`);
  const renew = () => meddle(path, 'UPDATE leases SET beat = beat + 1');
  return { store, renew };
}

it('a lease has one holder, who is named to whoever else asks', () => {
  const { store } = open(storeFile());
  expect(claim(store, 'a', 0)).toEqual({ granted: true, fence: { subject: 'pool', number: 1 } });
  expect(claim(store, 'b', 0)).toMatchObject({ granted: false, holder: 'this process' });
  expect(store.leases.claim({ subject: 'other pool', owner: 'b', nowMs: 0, wallMs })).toMatchObject({ granted: true });
});

it('a lease that was released is granted at once, under a higher number', async () => {
  const { store } = open(storeFile());
  claim(store, 'a', 0);
  await store.leases.release({ subject: 'pool', number: 1 });
  expect(claim(store, 'b', 0)).toMatchObject({ granted: true, fence: { number: 2 } });
});

/** Only Linux tells when a process started, and so that its id was given out again. */
const isTold = process.platform === 'linux';
const gone: Partial<ProcessIdentity> = isTold ? { started: '1' } : { pid: 2 ** 30 };

it.each<[string, Partial<ProcessIdentity>]>([
  ['whose id is nobody’s', { pid: 2 ** 30 }],
  ...(isTold ? [['whose id was given out again', gone] satisfies [string, Partial<ProcessIdentity>]] : []),
])('the lease of a process that is gone, %s, is granted at once', async (_, holder) => {
  const { store } = await heldBy(holder);
  expect(claim(store, 'me', 0)).toMatchObject({ granted: true, fence: { number: 2 } });
});

it.each([
  ['another container', { namespace: 'pid:[1]' }],
  ['another machine', { host: 'build-7', boot: 'x' }],
])('a holder in %s keeps its lease while it renews it, and loses it when it does not', async (_, holder) => {
  const { store, renew } = await heldBy(holder);
  for (let nowMs = 0; nowMs < 4 * leaseMs; nowMs += 5000) {
    renew();
    expect(claim(store, 'me', nowMs)).toMatchObject({ granted: false });
  }
  const since = 4 * leaseMs;
  renew();
  watch(store, since, since + leaseMs - 1);
  expect(claim(store, 'me', since + leaseMs)).toMatchObject({ granted: true });
});

it('a clock that was set an hour forward or back takes no lease away', async () => {
  const { store, renew } = await heldBy({ started: thisProcess().started });
  for (const wall of [wallMs + 3_600_000, wallMs - 3_600_000]) {
    expect(claim(store, 'me', 0, wall)).toMatchObject({ granted: false });
    renew();
    expect(claim(store, 'me', leaseMs + 1, wall)).toMatchObject({ granted: false });
  }
});

it('a holder out of sight keeps its lease at a first look, whatever the clocks of the two say', async () => {
  const { store } = await heldBy({ namespace: 'pid:[1]' });
  expect(claim(store, 'me', 0, wallMs + 3_600_000)).toMatchObject({ granted: false });
  expect(claim(store, 'me', 10, wallMs - 86_400_000)).toMatchObject({ granted: false });
});

it('whoever was stopped while it watched begins to watch anew, since the holder may have been stopped too', async () => {
  const { store, renew } = await heldBy({ namespace: 'pid:[1]' });
  watch(store, 0, leaseMs - 1);
  const resumedMs = 4 * leaseMs;
  expect(claim(store, 'me', resumedMs)).toMatchObject({ granted: false });
  renew();
  watch(store, resumedMs + 3000, resumedMs + 3000 + leaseMs - 1);
  expect(claim(store, 'me', resumedMs + 3000 + leaseMs)).toMatchObject({ granted: true });
});

it('a holder that stood still finds out when it comes back: its cells are not put, its rows are', async () => {
  const { store } = open(storeFile());
  const fence = { subject: 'pool', number: 1 };
  const cells = [{ subject: 'pool', key: 'kept', value: 'mine' }];
  claim(store, 'stopped', 0);
  expect(await store.leases.renew(fence, wallMs)).toBe(true);
  watch(store, 0, leaseMs - 1);
  expect(claim(store, 'next', leaseMs)).toMatchObject({ granted: true, fence: { number: 2 } });
  store.append([row('intent')], { cells, fence });
  await store.durable();
  expect(store.leases.holds(fence)).toBe(false);
  expect(store.cell('pool', 'kept')).toBe(null);
  expect(texts(store.read())).toEqual(['intent']);
  expect(await store.leases.renew(fence, wallMs)).toBe(false);
  store.append([], { cells, fence: { subject: 'pool', number: 2 } });
  await store.durable();
  expect(store.cell('pool', 'kept')).toBe('mine');
});

it('a late release does not take the lease from the one who has it now', async () => {
  const { store } = open(storeFile());
  claim(store, 'stopped', 0);
  watch(store, 0, leaseMs - 1);
  claim(store, 'next', leaseMs);
  await store.leases.release({ subject: 'pool', number: 1 });
  expect(await store.leases.renew({ subject: 'pool', number: 2 }, wallMs)).toBe(true);
});

it('a holder in sight is known to live as long as it does, one out of sight once its beat has moved', async () => {
  const { store } = await heldBy({});
  expect(await store.leases.holderLives('pool')).toBe(true);
  expect(await store.leases.holderLives('another pool')).toBe(false);
  expect(await (await heldBy(gone)).store.leases.holderLives('pool')).toBe(false);
  const { store: beside, renew } = await heldBy({ namespace: 'pid:[1]' });
  expect([await beside.leases.holderLives('pool'), await beside.leases.holderLives('pool')]).toEqual([false, false]);
  renew();
  expect([await beside.leases.holderLives('pool'), await beside.leases.holderLives('pool')]).toEqual([true, true]);
  await beside.leases.release({ subject: 'pool', number: 1 });
  expect(await beside.leases.holderLives('pool')).toBe(false);
});
