import { expect, it, vi } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { OwnLease } from '../../../tuner/shell/own-lease.ts';
import { tunedWorld } from '../../support/tuned-world.ts';

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
  await tuner.settled();
  const confirm = vi.spyOn(OwnLease.prototype, 'confirm').mockResolvedValue(false);
  await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert', trigger: 'handed over' });
  expect(world.applied.filter(([, value]) => value === 8)).toEqual([]);
  confirm.mockRestore();
  await tuner.stop();
});
