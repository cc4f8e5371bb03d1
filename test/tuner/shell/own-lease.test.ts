import { expect, it, vi } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { Leases } from '../../../src/store/leases.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { leaveLease, OwnLease } from '../../../tuner/shell/own-lease.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { entryOf, isRecord, tunedWorld } from '../../support/tuned-world.ts';

const noEnd = new AbortController().signal;

function held() {
  const ledger = openLedger({ stateDir: ':memory:', executor: 'x' });
  const { clock, advance } = manualTime();
  let asked = 0;
  const answers: boolean[] = [];
  ledger.renew = async () => {
    asked++;
    return answers.shift() ?? true;
  };
  return { lease: new OwnLease(ledger, clock, clock), advance, answers, asked: () => asked };
}

it('a lease that was renewed a moment ago is not asked for again', async () => {
  const { lease, advance, asked } = held();
  advance(7000);
  expect([await lease.confirm(noEnd), asked()]).toEqual([true, 0]);
});

it('a process that was stopped for longer asks for its lease before it goes on, and hears that it has none', async () => {
  const { lease, advance, answers, asked } = held();
  advance(60_000);
  expect([await lease.confirm(noEnd), asked()]).toEqual([true, 1]);
  advance(60_000);
  answers.push(false);
  expect(await lease.confirm(noEnd)).toBe(false);
});

it('a tuner that was stopped puts no candidate in force before it knows that nobody else tunes', async () => {
  const { tuner, world } = tunedWorld({ rate: () => 10_000 });
  await entryOf(tuner, isRecord('baseline'));
  const confirm = vi.spyOn(OwnLease.prototype, 'confirm').mockResolvedValue(false);
  await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert', trigger: 'handed over' });
  expect(world.applied.filter(([, value]) => value === 8)).toEqual([]);
  confirm.mockRestore();
  await tuner.stop();
});

const locked = () => Promise.reject(new StoreError('a file', 'locked', 'another process writes just now'));

it('a lease that cannot be given back at once is given back in a later try', async () => {
  const release = vi
    .fn(async () => {})
    .mockImplementationOnce(locked)
    .mockImplementationOnce(locked);
  expect(await leaveLease({ release }, manualTime())).toBeNull();
  expect(release).toHaveBeenCalledTimes(3);
});

it('a lease that cannot be given back within two seconds is left, and so is one whose file is gone', async () => {
  const time = manualTime();
  const release = vi.fn(locked);
  expect(await leaveLease({ release }, time)).toMatchObject({ trouble: 'locked' });
  expect(time.clock.now()).toBeLessThanOrEqual(2000);
  expect(release.mock.calls.length).toBeGreaterThan(3);
  expect(
    await leaveLease({ release: () => Promise.reject(new StoreError('a file', 'missing', 'gone')) }, time),
  ).toBeNull();
});

it('a lease that could not be given back when the tuner was stopped is told of, and stop() resolves', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { tuner } = tunedWorld({ rate: () => 10_000 }, { stateDir: temporaryFolder() });
  await entryOf(tuner, isRecord('baseline'));
  const releases = vi.spyOn(Leases.prototype, 'release').mockImplementation(locked);
  await tuner.stop();
  expect(warned.mock.calls).toEqual([
    [expect.stringMatching(/could not be given back.*silent for 15\.0 s/), expect.anything()],
  ]);
  expect(tuner.history.notes).toMatchObject([{ code: 'ledger', title: 'lease not given back' }]);
  releases.mockRestore();
  warned.mockRestore();
  await tuner[Symbol.asyncDispose]();
});
