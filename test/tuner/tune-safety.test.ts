import { describe, expect, it, vi } from 'vitest';
import { report } from '../../exporters/index.ts';
import type { Settings } from '../../src/contracts.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import { replay } from '../../tuner/replay.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answerAll, betterFromEight, entryOf, isRecord, recordsOf, tunedWorld } from '../support/tuned-world.ts';

const size = (settings: Settings) => Number(settings['size']);
const inTrial = isRecord('pair');
const isRevert = (entry: Entry) =>
  entry.kind === 'record' && entry.record.kind === 'decision' && entry.record.decision === 'revert';
/** Inside trial 2 (the first is the a/a trial), with the candidate in force. */
const underCandidate = (entry: Entry) =>
  entry.kind === 'event' && entry.event.kind === 'measured' && size(entry.event.window.settings) === 8;

describe('a knob that refuses to go back', () => {
  const refusing = (times: number) => {
    let left = 0;
    const arm = () => {
      left = times;
    };
    const knobs = [
      { id: 'other', defaultValue: 5 },
      { id: 'size', defaultValue: 1, refuses: (value: unknown) => value === 1 && left-- > 0 },
    ];
    return { knobs, arm };
  };

  it('a knob that refuses to go back is asked again, and nothing is kept warm', async () => {
    const { knobs, arm } = refusing(2);
    const { tuner, world } = tunedWorld({ rate: () => 10_000, knobs });
    const decision = tuner.propose({ size: 8, other: 7 });
    await entryOf(tuner, underCandidate);
    arm();
    await tuner.stop();
    await expect(decision).resolves.toMatchObject({ decision: 'revert' });
    expect(world.settings()).toEqual({ other: 5, size: 1 });
    expect(world.warm()).toBe(0);
  });

  it('a knob that refuses keeps no other from going back, and stop() says that it is not on the anchor', async () => {
    const { knobs, arm } = refusing(Number.POSITIVE_INFINITY);
    const { tuner, world } = tunedWorld({ rate: () => 10_000, knobs });
    const decision = tuner.propose({ size: 8, other: 7 });
    const second = tuner.propose({ size: 4 });
    await entryOf(tuner, underCandidate);
    arm();
    await expect(tuner.stop()).rejects.toThrow(/could not return to the anchor.*size at 8 instead of 1/);
    await expect(tuner.settled()).rejects.toThrow(/could not return to the anchor/);
    await expect(decision).resolves.toMatchObject({ decision: 'revert' });
    await expect(second).resolves.toMatchObject({ decision: 'not-decided', settings: { other: 5, size: 1 } });
    expect(world.settings()).toEqual({ other: 5, size: 8 });
    expect(recordsOf(tuner, 'phase').at(-1)?.reason).toContain('NOT on the anchor: {"other":5,"size":8}');
  });

  it('a knob that refuses in the hold-back reverts the commit with a decision of its own, and blames nobody', async () => {
    let refuses = false;
    const { tuner, world } = tunedWorld({
      rate: betterFromEight,
      knobs: [
        {
          id: 'size',
          defaultValue: 1,
          refuses: (value) => {
            const now = refuses && value === 1;
            if (now) refuses = false;
            return now;
          },
        },
      ],
    });
    await tuner.propose({ size: 8 });
    refuses = true;
    await entryOf(tuner, isRevert);
    const reverts = recordsOf(tuner, 'decision').filter((one) => one.decision === 'revert');
    expect(reverts).toHaveLength(1);
    expect(reverts[0]).toMatchObject({ trigger: 'apply failed', settings: { size: 1 } });
    expect(recordsOf(tuner, 'back-off')).toEqual([]);
    await tuner.stop();
    expect(world.settings()).toEqual({ size: 1 });
  });
});

describe('a hold-back that finds no calls', () => {
  it('a hold-back that finds no calls reverts the commit without blaming it, and the setting is tried again when calls come', async () => {
    const load = { on: true };
    const { tuner, world } = tunedWorld({ rate: (s) => (!load.on ? 0 : size(s) >= 8 ? 15_000 : 10_000) });
    await tuner.propose({ size: 8 });
    load.on = false;
    await entryOf(tuner, isRevert);
    expect(recordsOf(tuner, 'decision').at(-1)).toMatchObject({ decision: 'revert', trigger: 'no data' });
    expect(recordsOf(tuner, 'back-off')).toEqual([]);
    expect(report(tuner.ledger).data.verdict.line).toMatch(/^Try size 8: .*proven once .*too few calls to judge it\.$/);
    load.on = true;
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
    expect(world.settings()).toEqual({ size: 1 });
    expect(replay(tuner.ledger).identical).toBe(true);
  });
});

describe('a listener of watch()', () => {
  it('a listener of watch() may answer at once', async () => {
    const { tuner } = tunedWorld({ rate: betterFromEight }, { mode: 'confirm' });
    answerAll(tuner, true);
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
    expect(replay(tuner.ledger).identical).toBe(true);
  });

  it('a listener of watch() may stop the tuner, and still gets the other entries in order', async () => {
    const { tuner, world } = tunedWorld({ rate: () => 10_000 });
    const seen: Entry[] = [];
    let stopped: Promise<void> | null = null;
    tuner.watch((entry) => {
      seen.push(entry);
      if (inTrial(entry)) stopped ??= tuner.stop();
    });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert', trigger: 'stopped' });
    await (stopped as Promise<void> | null);
    expect(world.settings()).toEqual({ size: 1 });
    expect(seen.slice(-20)).toEqual([...tuner.ledger.read()].slice(-20));
    expect(replay(tuner.ledger).identical).toBe(true);
  });

  it('a listener of watch() that throws is told of once, in a warning and in the ledger, and changes nothing', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { tuner } = tunedWorld({ rate: betterFromEight });
    tuner.watch((entry) => {
      if (entry.kind === 'record' && entry.record.kind === 'sealed') throw new Error('my own mistake');
    });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
    expect(replay(tuner.ledger).identical).toBe(true);
    expect(tuner.history.notes).toMatchObject([{ code: 'listener', text: expect.stringContaining('my own mistake') }]);
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('my own mistake'), {
      type: 'SandtuneWarning',
      code: 'SANDTUNE_LISTENER',
    });
    warned.mockRestore();
  });
});

describe('a ledger that cannot be written', () => {
  it('stop() on a ledger that takes nothing ends the trial on the anchor, where it is content, and settled() says what failed', async () => {
    const { tuner, world } = tunedWorld({ rate: () => 10_000 });
    const decision = tuner.propose({ size: 8 });
    await entryOf(tuner, inTrial);
    vi.spyOn(tuner.ledger, 'append').mockImplementation(() => {
      throw new Error('database is locked');
    });
    await expect(tuner.stop()).resolves.toBeUndefined();
    await expect(tuner.settled()).rejects.toThrow(/database is locked/);
    const moves = world.applied.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.applied.length).toBe(moves);
    expect(world.settings()).toEqual({ size: 1 });
    await expect(decision).resolves.toMatchObject({ decision: 'not-decided', cause: expect.anything() });
  });

  it('a ledger that cannot be written is closed all the same at the end of its scope, however often that comes', async () => {
    const { tuner } = tunedWorld({ rate: () => 10_000 });
    await tuner.settled();
    await tuner[Symbol.asyncDispose]();
    await expect(tuner[Symbol.asyncDispose]()).resolves.toBeUndefined();
    await expect(tuner.stop()).resolves.toBeUndefined();
  });
});

describe.each(['observe', 'advise'] as const)('mode %s', (mode) => {
  it('mode observe leaves a knob where its owner puts it, and measures there', async () => {
    const { tuner, world } = tunedWorld({ rate: () => 10_000 }, { mode, persist: true, stateDir: temporaryFolder() });
    await tuner.settled();
    await world.executor.knobs[0]?.apply(32);
    await entryOf(
      tuner,
      (entry) => entry.kind === 'event' && entry.event.kind === 'measured' && size(entry.event.window.settings) === 32,
    );
    expect(world.applied).toEqual([['size', 32]]);
    await tuner.stop();
    expect(world.applied).toEqual([['size', 32]]);
    expect(tuner.anchor).toEqual({ size: 1 });
    expect(recordsOf(tuner, 'intent')).toEqual([]);
    expect(replay(tuner.ledger).identical).toBe(true);
  });

  it('mode observe does not start on a setting that was kept', async () => {
    const stateDir = temporaryFolder();
    const first = tunedWorld({ rate: betterFromEight }, { stateDir, persist: true });
    await first.tuner.propose({ size: 8 });
    await entryOf(first.tuner, isRecord('anchor'));
    await first.tuner[Symbol.asyncDispose]();
    const again = tunedWorld({ rate: () => 10_000 }, { stateDir, persist: true });
    await again.tuner.settled();
    expect(again.world.settings()).toEqual({ size: 8 });
    await again.tuner[Symbol.asyncDispose]();
    const observing = tunedWorld({ rate: () => 10_000 }, { stateDir, mode, persist: true });
    await observing.tuner.settled();
    expect(observing.world.applied).toEqual([]);
    await observing.tuner[Symbol.asyncDispose]();
  });
});

describe('calls affected', () => {
  it('calls affected are all that were offered under a commit that is reverted, its trial included, and so is their time', async () => {
    let offered = 0;
    const moments: number[] = [];
    const broken = { now: false };
    const { world, tuner } = tunedWorld({ rate: (s) => (size(s) >= 8 ? (broken.now ? 5000 : 15_000) : 10_000) });
    using open = world.executor.openWindow();
    const { advance } = world;
    vi.spyOn(world, 'advance').mockImplementation((ms) => {
      advance(ms);
      const window = open.cut();
      if (size(window.settings) !== 8) return;
      offered += window.offered;
      if (window.offered > 0) moments.push(window.startMs, window.endMs);
    });
    await tuner.propose({ size: 8 });
    broken.now = true;
    await entryOf(tuner, isRecord('back-off'));
    const revert = recordsOf(tuner, 'decision').find((one) => one.decision === 'revert');
    await tuner.stop();
    expect(revert?.callsAffected).toBe(offered);
    const spanMs = Math.max(...moments) - Math.min(...moments);
    expect((revert?.afterMs ?? 0) / spanMs).toBeGreaterThan(0.9);
    expect((revert?.afterMs ?? 0) / spanMs).toBeLessThan(1.1);
    expect(offered).toBeGreaterThan(0);
  });
});

describe('without load', () => {
  it('without load no trial is begun again and again, and no level is spent', async () => {
    const load = { on: true };
    const { tuner } = tunedWorld({ rate: () => (load.on ? 10_000 : 0) });
    await tuner.settled();
    load.on = false;
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert', trigger: 'no data' });
    tuner.propose({ size: 4 }).catch(() => {});
    for (let turn = 0; turn < 400; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(recordsOf(tuner, 'trial').filter((one) => one.purpose === 'candidate')).toHaveLength(1);
    load.on = true;
    await entryOf(tuner, (entry) => isRecord('sealed', 2)(entry));
    expect(recordsOf(tuner, 'trial').at(-1)?.design.commitAlpha).toBe(0.01);
    await tuner.stop();
    expect(replay(tuner.ledger).identical).toBe(true);
  });
});

describe('an a/a trial that tells nothing', () => {
  it('an a/a trial without usable pairs is done again a few times, then candidates are tried without it', async () => {
    const { tuner } = tunedWorld({ rate: betterFromEight }, { expert: { noisePairs: 1 } });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
    // One pair may be all that was asked for; pairs that are all dropped are tried three times.
    const bare = tunedWorld({ rate: betterFromEight }, { expert: { minCompletions: 100_000 } });
    await bare.tuner.settled();
    expect(recordsOf(bare.tuner, 'trial').filter((one) => one.purpose === 'a/a').length).toBeLessThanOrEqual(3);
    await bare.tuner.stop();
  });
});

describe('mode confirm', () => {
  const proven = () => tunedWorld({ rate: betterFromEight }, { mode: 'confirm' });

  it('mode confirm names an accepted saving as one', async () => {
    const { tuner } = tunedWorld(
      { rate: () => 10_000, sigma: 0.005, knobs: [{ id: 'threads', defaultValue: 4, cost: 'per-unit' }] },
      { mode: 'confirm' },
    );
    answerAll(tuner, true);
    await expect(tuner.propose({ threads: 2 })).resolves.toMatchObject({
      decision: 'commit',
      trigger: 'equivalent-and-cheaper',
    });
    await tuner.stop();
  });

  it('mode confirm takes no answer for a no in the end', async () => {
    const { tuner } = proven();
    const decision = tuner.propose({ size: 8 });
    await entryOf(tuner, isRecord('ask'));
    await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'unanswered' });
    await tuner.stop();
  });

  it('mode confirm does not ask again at once after a no', async () => {
    const { tuner } = proven();
    const decision = tuner.propose({ size: 8 });
    const asked = await entryOf(tuner, isRecord('ask'));
    if (asked.kind === 'record' && asked.record.kind === 'ask') tuner.answer(asked.record.trial, false);
    await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'declined' });
    expect(recordsOf(tuner, 'back-off').map((one) => one.settings)).toEqual([{ size: 8 }]);
    await tuner.stop();
  });

  it('mode confirm keeps nothing warm when it keeps a setting without a hold-back', async () => {
    const { tuner, world } = tunedWorld(
      // Nothing else is there to be looked for.
      { rate: betterFromEight, knobs: [{ id: 'size', defaultValue: 1, domain: [1, 8] }] },
      { mode: 'confirm', expert: { holdBackFraction: 0 } },
    );
    answerAll(tuner, true);
    await tuner.propose({ size: 8 });
    await entryOf(tuner, isRecord('anchor'));
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(world.warm()).toBe(0);
    expect(world.settings()).toEqual({ size: 8 });
    await tuner.stop();
  });
});
