import { describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../src/contracts.ts';
import { replay } from '../../tuner/replay.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { betterFromEight, entryOf, isRecord, recordsOf, tunedWorld } from '../support/tuned-world.ts';

const size = (settings: Settings) => Number(settings['size']);

describe('a kept setting', () => {
  it('a kept setting is not used without persist, nor where the knob no longer allows it', async () => {
    const stateDir = temporaryFolder();
    const first = tunedWorld({ rate: betterFromEight }, { stateDir, persist: true });
    await first.tuner.propose({ size: 8 });
    await entryOf(first.tuner, isRecord('anchor'));
    await first.tuner[Symbol.asyncDispose]();
    const without = tunedWorld({ rate: betterFromEight }, { stateDir });
    expect(without.tuner.anchor).toEqual({ size: 1 });
    await without.tuner.settled();
    expect(without.world.settings()).toEqual({ size: 8 });
    const told = recordsOf(without.tuner, 'sealed').map(({ by, predicted }) => [by, predicted?.model]);
    // It was proven under the same load, and so it is proven again.
    expect(told.slice(0, 2)).toEqual([
      ['user', undefined],
      ['predictor', 'known load'],
    ]);
    await without.tuner[Symbol.asyncDispose]();
    const narrower = tunedWorld(
      { rate: betterFromEight, knobs: [{ id: 'size', defaultValue: 1, domain: [1, 2, 4] }] },
      { stateDir, persist: true },
    );
    await narrower.tuner.settled();
    expect(narrower.world.settings()).toEqual({ size: 1 });
    const notes = [...narrower.tuner.ledger.read()].filter(
      (entry) =>
        entry.kind === 'remark' && entry.remark.kind === 'note' && entry.remark.code === 'kept-setting-refused',
    );
    expect(notes).toHaveLength(1);
    await narrower.tuner[Symbol.asyncDispose]();
  });
});

describe('the lease', () => {
  it('the lease is renewed and the off switch read while an answer is awaited', async () => {
    const { tuner, time } = tunedWorld({ rate: betterFromEight }, { mode: 'confirm', maxDurationMs: 10_000_000 });
    const decision = tuner.propose({ size: 8 });
    await entryOf(tuner, isRecord('ask'));
    const renewed = vi.spyOn(tuner.ledger, 'renew');
    const since = time.clock.now();
    while (time.clock.now() - since < 60_000) await new Promise((resolve) => setImmediate(resolve));
    expect(renewed.mock.calls.length).toBeGreaterThan(5);
    tuner.ledger.setOff(true);
    await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'off' });
    await tuner.stop();
  });
});

describe('the off switch', () => {
  it('the off switch ends a session once, also while a knob takes long to go back', async () => {
    let slow = false;
    const { tuner, world, time } = tunedWorld({
      rate: () => 10_000,
      knobs: [
        {
          id: 'size',
          defaultValue: 1,
          refuses: (value) => {
            if (!slow || value !== 1) return false;
            time.advance(4000);
            return true;
          },
        },
      ],
    });
    const decision = tuner.propose({ size: 8 });
    decision.catch(() => {});
    await entryOf(
      tuner,
      (entry) => entry.kind === 'event' && entry.event.kind === 'measured' && size(entry.event.window.settings) === 8,
    );
    slow = true;
    tuner.ledger.setOff(true);
    await entryOf(tuner, isRecord('phase'));
    await expect(tuner.stop()).rejects.toThrow(/could not return to the anchor/);
    await expect(tuner.settled()).rejects.toThrow(/could not return to the anchor/);
    expect(recordsOf(tuner, 'phase').filter((one) => one.phase === 'off')).toHaveLength(1);
    expect(world.settings()).toEqual({ size: 8 });
  });
});

describe('two sessions on one executor', () => {
  it('of two sessions on one executor the second only observes, and says why', async () => {
    const stateDir = temporaryFolder();
    const first = tunedWorld({ rate: () => 10_000 }, { stateDir });
    const second = tunedWorld({ rate: () => 10_000 }, { stateDir });
    expect([first.tuner.mode, second.tuner.mode]).toEqual(['auto', 'observe']);
    const since = second.time.clock.now();
    while (second.time.clock.now() - since < 60_000) await new Promise((resolve) => setImmediate(resolve));
    expect(recordsOf(second.tuner, 'phase').filter((one) => one.phase === 'off')).toEqual([]);
    const notes = [...second.tuner.ledger.read()].filter(
      (entry) => entry.kind === 'remark' && entry.remark.kind === 'note' && entry.remark.code === 'observing-only',
    );
    expect(notes).toHaveLength(1);
    await first.tuner[Symbol.asyncDispose]();
    await second.tuner[Symbol.asyncDispose]();
  });

  it('a session that only observes keeps no other from tuning', async () => {
    const stateDir = temporaryFolder();
    const observing = tunedWorld({ rate: () => 10_000 }, { stateDir, mode: 'observe' });
    const tuning = tunedWorld({ rate: () => 10_000 }, { stateDir });
    expect([observing.tuner.mode, tuning.tuner.mode]).toEqual(['observe', 'auto']);
    await tuning.tuner[Symbol.asyncDispose]();
    await observing.tuner[Symbol.asyncDispose]();
  });
});

describe('a restart', () => {
  it('a restart remembers the budget spent, what failed and how good the predictions were, and replays without the session before', async () => {
    const stateDir = temporaryFolder();
    const first = tunedWorld({ rate: (s) => (size(s) === 64 ? 3000 : 10_000) }, { stateDir });
    await first.tuner.propose({ size: 64 });
    await first.tuner[Symbol.asyncDispose]();
    const second = tunedWorld({ rate: () => 10_000 }, { stateDir });
    await second.tuner.settled();
    const sessions = [...second.tuner.ledger.read()].flatMap((entry) => (entry.kind === 'session' ? [entry] : []));
    expect(sessions[0]?.recalled).toEqual({ spent: [], scores: [], ruledOut: [], known: [] });
    expect(sessions[1]?.recalled).toMatchObject({
      spent: [{ alpha: expect.closeTo(0.01, 3) }],
      ruledOut: [{ settings: { size: 64 } }],
    });
    await second.tuner.stop();
    expect(replay(second.tuner.ledger)).toMatchObject({ identical: true, sessions: 2 });
    await second.tuner[Symbol.asyncDispose]();
  });
});
