import { beforeEach, describe, expect, it, vi } from 'vitest';
import { wrap } from '../../../src/adapters/wrap.ts';
import type { Window } from '../../../src/contracts.ts';
import type { Entry, Remark } from '../../../tuner/entries/entries.ts';
import { replay } from '../../../tuner/replay.ts';
import { Announcer } from '../../../tuner/shell/announcer.ts';
import { Obstacles } from '../../../tuner/shell/obstacles.ts';
import { tune } from '../../../tuner/tune.ts';
import { isUnderCandidate } from '../../support/misbehaving.ts';
import { entryOf, quickOptions, tunedWorld } from '../../support/tuned-world.ts';

const modes = ['observe', 'advise', 'confirm', 'auto'] as const;

const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => {
  warned.mockClear();
});
/** What is looked at of a window without calls. */
const emptyWindow = { offered: 0, backlogAtStart: 0, startMs: 0, endMs: 5000 } as Window;
const codes = () => warned.mock.calls.map(([, options]) => (options as { code: string }).code);

/** Long enough for some minutes of the world to pass. */
async function aWhile({ time }: ReturnType<typeof tunedWorld>): Promise<void> {
  const since = time.clock.now();
  while (time.clock.now() - since < 200_000) await new Promise((resolve) => setImmediate(resolve));
}

it.each(['auto', 'advise'] as const)(
  'a tuner in mode %s that may move no knob says so once, in a warning and in its ledger',
  async (mode) => {
    const { tuner } = tunedWorld({ rate: () => 10_000 }, { mode, fixed: { size: 1 } });
    await tuner.settled();
    await tuner.stop();
    expect(codes()).toEqual(['SANDTUNE_NO_KNOBS']);
    expect(tuner.history.notes).toMatchObject([{ code: 'no-knobs', text: expect.stringContaining('are fixed') }]);
  },
);

it('a tuner that only observes has no need of a knob', async () => {
  const { tuner } = tunedWorld({ rate: () => 10_000 }, { mode: 'observe', fixed: { size: 1 } });
  await tuner.settled();
  await tuner.stop();
  expect(codes()).toEqual([]);
});

const measured = (offered: number): Entry => ({
  kind: 'event',
  session: 1,
  event: { kind: 'measured', atMs: 0, arm: 'baseline', window: { ...emptyWindow, offered }, effective: {} },
});

it('a tuner to which no call comes for a minute says so once', () => {
  const notes: Remark[] = [];
  const obstacles = new Obstacles(new Announcer((remark) => notes.push(remark)), { name: 'world' });
  for (let window = 0; window < 11; window++) obstacles.onEntry(measured(0));
  expect(codes()).toEqual([]);
  for (let window = 0; window < 11; window++) obstacles.onEntry(measured(0));
  expect(codes()).toEqual(['SANDTUNE_NO_CALLS']);
  expect(notes).toMatchObject([{ kind: 'note', code: 'no-calls' }]);
});

it('a tuner whose executor was called before its first window does not say that no call came', async () => {
  await using executor = wrap(async (n: number) => n);
  await executor.run(1);
  const obstacles = new Obstacles(new Announcer(() => {}), executor);
  for (let window = 0; window < 22; window++) obstacles.onEntry(measured(0));
  expect(codes()).toEqual([]);
});

it('a tuner whose calls pause for a while says nothing of that', async () => {
  const load = { on: true };
  const tuned = tunedWorld({ rate: () => (load.on ? 10_000 : 0) });
  await tuned.tuner.settled();
  load.on = false;
  await aWhile(tuned);
  await tuned.tuner.stop();
  expect(codes()).toEqual([]);
});

it('a tuner of an executor that gives no window says so once, in a warning and in its ledger', async () => {
  const tuned = tunedWorld({ rate: () => 10_000 });
  vi.spyOn(tuned.world.executor, 'openWindow').mockImplementation(() => {
    throw new Error('closed');
  });
  await aWhile(tuned);
  await tuned.tuner.stop();
  expect(codes()).toEqual(['SANDTUNE_WINDOW']);
  expect(tuned.tuner.history.notes).toMatchObject([{ code: 'window' }]);
});

describe.each(modes)('in mode %s', (mode) => {
  it('a tuner whose executor is closed says so when its window ends, ends, and keeps stop() from nothing', async () => {
    const tuned = tunedWorld({ rate: () => 10_000 }, { mode });
    const { world, tuner } = tuned;
    const told: string[] = [];
    tuner.watch((entry) => {
      if (entry.kind === 'remark' && entry.remark.kind === 'note') told.push(entry.remark.text);
    });
    await tuner.settled();
    await world.executor.close();
    const closedMs = tuned.time.clock.now();
    await vi.waitFor(() => expect(tuner.mode).toBe('off'), { timeout: 10_000 });
    expect(tuned.time.clock.now() - closedMs).toBeLessThan(30_000);
    expect(codes()).toEqual(['SANDTUNE_ENDED']);
    expect(told).toEqual([expect.stringMatching(/'world' has ended: the executor was closed/)]);
    expect(tuner.history).toMatchObject({ ended: 'closed', notes: [{ code: 'ended' }] });
    expect(() => tune(world.executor, quickOptions)).toThrow(
      /a tuner that has ended and was not stopped.*await its stop/,
    );
    await tuner.stop();
  });
});

it('a trial whose executor is closed is decided by that, and blames nobody', async () => {
  const { world, tuner } = tunedWorld({ rate: () => 10_000 });
  const proposed = tuner.propose({ size: 8 });
  await entryOf(tuner, isUnderCandidate);
  await world.executor.close();
  await expect(proposed).resolves.toMatchObject({ decision: 'revert', trigger: 'closed' });
  await tuner.stop();
  expect(codes()).toEqual(['SANDTUNE_ENDED']);
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
});

it('a tuner that is switched off in its ledger says so at its start, and one that is switched off later when it ends', async () => {
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  await tuner.settled();
  tuner.ledger.setOff(true);
  await vi.waitFor(() => expect(tuner.mode).toBe('off'));
  expect(codes()).toEqual(['SANDTUNE_ENDED']);
  expect(tuner.history.notes).toMatchObject([{ code: 'ended' }]);
  await tuner.stop();
});
