import { describe, expect, it, vi } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import type { Settings } from '../../src/contracts.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import { replay } from '../../tuner/replay.ts';
import { tune } from '../../tuner/tune.ts';
import { memoryLedger } from '../support/sample-ledger.ts';
import { betterFromEight, quickOptions, ratedWorld, recordsOf, tunedWorld as start } from '../support/tuned-world.ts';

const size = (settings: Settings) => Number(settings['size']);

describe('tune()', () => {
  it('tune() commits a better setting and makes it the anchor after the hold-back', async () => {
    const { tuner, world } = start({ rate: betterFromEight });
    const decision = await tuner.propose({ size: 8 });
    expect(decision).toMatchObject({ decision: 'commit', trigger: 'better', settings: { size: 8 }, callsAffected: 0 });
    await tuner.settled();
    expect(tuner.anchor).toEqual({ size: 8 });
    await tuner.stop();
    expect(world.settings()).toEqual({ size: 8 });
  });

  it('a breaker reverts a harmful setting, and the calls it touched are counted', async () => {
    const { tuner, world } = start({ rate: (s) => (size(s) === 64 ? 3000 : 10_000) });
    const decision = await tuner.propose({ size: 64 });
    expect(decision).toMatchObject({ decision: 'revert', settings: { size: 1 } });
    if (decision.decision === 'not-decided') expect.fail(decision.reason);
    expect(decision.trigger).toMatch(/^breaker|^worse/);
    expect(decision.callsAffected).toBeGreaterThan(0);
    await tuner.stop();
    expect(world.settings()).toEqual({ size: 1 });
  });

  it('tune() keeps the cheaper of two equal settings', async () => {
    const { tuner } = start(
      { rate: () => 10_000, sigma: 0.01, knobs: [{ id: 'threads', defaultValue: 4, cost: 'per-unit' }] },
      { revertAt: -0.05 },
    );
    const decision = await tuner.propose({ threads: 2 });
    expect(decision).toMatchObject({ decision: 'commit', trigger: 'equivalent-and-cheaper', settings: { threads: 2 } });
    await tuner.stop();
  });

  it('tune() does not commit one setting against itself under another name', async () => {
    const { tuner } = start({ rate: () => 10_000, sigma: 0.02 });
    const decision = await tuner.propose({ size: 2 });
    expect(decision.decision).not.toBe('commit');
    await tuner.stop();
  });

  it('the proposal and the intent are sealed before the candidate is applied', async () => {
    const { tuner, world } = start({ rate: () => 10_000 });
    const order: string[] = [];
    tuner.watch((entry) => {
      if (entry.kind === 'record' && (entry.record.kind === 'sealed' || entry.record.kind === 'intent')) {
        order.push(`${entry.record.kind} with ${world.applied.filter(([, value]) => value === 32).length} applied`);
      }
    });
    await tuner.propose({ size: 32 });
    expect(order.slice(0, 3)).toEqual(['intent with 0 applied', 'sealed with 0 applied', 'intent with 0 applied']);
    expect(world.applied.some(([, value]) => value === 32)).toBe(true);
    await tuner.stop();
  });

  it('a session of tune() replays to the byte', async () => {
    const { tuner } = start({ rate: (s) => 10_000 * Math.min(4, size(s)) });
    await tuner.propose({ size: 4 });
    await tuner.propose({ size: 1 });
    await tuner.stop();
    const again = replay(tuner.ledger);
    expect(again).toMatchObject({ identical: true, sessions: 1, decisions: recordsOf(tuner, 'decision').length });
    expect(again.events).toBeGreaterThan(30);
  });

  it('a replay finds out when a ledger was changed', async () => {
    const { tuner } = start({ rate: (s) => (size(s) === 1 ? 10_000 : 20_000) });
    await tuner.propose({ size: 4 });
    await tuner.stop();
    const forged = [...tuner.ledger.read()].map(
      (entry): Entry =>
        entry.kind === 'event' && entry.event.kind === 'measured' && entry.event.arm === 'candidate'
          ? {
              ...entry,
              event: {
                ...entry.event,
                window: { ...entry.event.window, outcomes: { ...entry.event.window.outcomes, ok: 1 } },
              },
            }
          : entry,
    );
    expect(replay(memoryLedger(forged)).identical).toBe(false);
  });

  it('tune() goes back when a knob refuses, and says what was refused', async () => {
    const { tuner, world } = start({
      rate: () => 10_000,
      knobs: [{ id: 'size', defaultValue: 1, refuses: (value) => value === 16 }],
    });
    const decision = await tuner.propose({ size: 16 });
    expect(decision).toMatchObject({
      decision: 'revert',
      trigger: 'apply failed',
      reason: expect.stringContaining('size refuses 16'),
    });
    await tuner.stop();
    expect(world.settings()).toEqual({ size: 1 });
  });

  it('stop() ends a trial on the anchor', async () => {
    const { tuner, world } = start({ rate: () => 10_000 });
    const decision = tuner.propose({ size: 8 });
    await new Promise<void>((resolve) => {
      tuner.watch((entry) => {
        if (entry.kind === 'record' && entry.record.kind === 'pair') resolve();
      });
    });
    const stopped = tuner.stop();
    await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'stopped' });
    await stopped;
    expect(world.settings()).toEqual({ size: 1 });
    expect(replay(tuner.ledger).identical).toBe(true);
  });

  it('mode observe changes nothing', async () => {
    const { tuner, world } = start({ rate: () => 10_000 }, { mode: 'observe' });
    await tuner.settled();
    expect(world.applied).toEqual([]);
    await expect(tuner.propose({ size: 2 })).rejects.toThrow(/expected mode 'confirm' or 'auto'/);
    await tuner.stop();
    expect(world.applied).toEqual([]);
  });

  it('mode confirm asks before it keeps anything', async () => {
    const { tuner, world } = start({ rate: betterFromEight }, { mode: 'confirm' });
    tuner.watch((entry) => {
      if (entry.kind === 'record' && entry.record.kind === 'ask') {
        const { trial } = entry.record;
        setImmediate(() => {
          expect(world.settings()).toEqual({ size: 1 });
          tuner.answer(trial, true);
        });
      }
    });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
  });

  it('a proposal that waits is laid over what is in force when its trial begins', async () => {
    const { tuner } = start({
      rate: (s) => 10_000 * (Number(s['size']) >= 8 ? 2 : 1) * (s['width'] === 2 ? 0.5 : 1),
      knobs: [
        { id: 'size', defaultValue: 1 },
        { id: 'width', defaultValue: 4 },
      ],
    });
    const [first, second] = await Promise.all([tuner.propose({ size: 8 }), tuner.propose({ width: 2 })]);
    expect(first).toMatchObject({ decision: 'commit', settings: { size: 8, width: 4 } });
    expect(second).toMatchObject({ decision: 'revert', settings: { size: 8, width: 4 } });
    await tuner.stop();
    expect(recordsOf(tuner, 'sealed').map((record) => record.settings)).toEqual([
      { size: 8, width: 4 },
      { size: 8, width: 2 },
    ]);
  });

  it('tune() refuses unknown knobs and values outside the domain before anything moves', async () => {
    const { tuner } = start({ rate: () => 10_000 });
    await expect(tuner.propose({ sise: 2 })).rejects.toThrow(/no knob "sise"; expected one of "size"/);
    await expect(tuner.propose({ size: 0 })).rejects.toThrow(/size: expected an integer from 1 to 1024, got 0/);
    await tuner.stop();
  });

  it('tune() does not tune with SANDTUNE_MODE=off', async () => {
    const world = ratedWorld({ rate: () => 10_000 });
    const surroundings = { ...manualTime(world).surroundings, environment: { SANDTUNE_MODE: 'off' } };
    await using tuner = tune(world.executor, { ...quickOptions, surroundings });
    expect(tuner.mode).toBe('off');
    await tuner.settled();
    expect(world.applied).toEqual([]);
  });

  it('tune() says once in a process that SANDTUNE_MODE is no mode, and in each session that nothing is tuned for it', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (const _ of [1, 2]) {
      const world = ratedWorld({ rate: () => 10_000 });
      const surroundings = { ...manualTime(world).surroundings, environment: { SANDTUNE_MODE: 'disable' } };
      await using tuner = tune(world.executor, { ...quickOptions, surroundings });
      expect(tuner.mode).toBe('off');
      expect(tuner.history.notes).toMatchObject([
        { code: 'mode-held-down', text: expect.stringMatching(/SANDTUNE_MODE.*got "disable"/) },
      ]);
    }
    const told = warned.mock.calls.filter(([, options]) => (options as { code?: string }).code === 'SANDTUNE_MODE');
    expect(told).toHaveLength(1);
    warned.mockRestore();
  });

  it('a session that SANDTUNE_MODE holds down says which mode was asked for', async () => {
    const world = ratedWorld({ rate: () => 10_000 });
    const surroundings = { ...manualTime(world).surroundings, environment: { SANDTUNE_MODE: 'observe' } };
    await using tuner = tune(world.executor, { ...quickOptions, surroundings });
    expect(tuner.mode).toBe('observe');
    expect(tuner.history.notes.map((one) => one.text)).toEqual([
      "the variable SANDTUNE_MODE allows 'observe' at most, and 'auto' was asked for",
    ]);
  });
});
