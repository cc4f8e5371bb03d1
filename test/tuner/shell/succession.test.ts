import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { thisProcess } from '../../../src/store/process-identity.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import type { Mode } from '../../../tuner/options.ts';
import { replay } from '../../../tuner/replay.ts';
import type { Tuner } from '../../../tuner/tuner.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { betterFromEight, entryOf, isRecord, tunedWorld } from '../../support/tuned-world.ts';

const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => {
  warned.mockClear();
});
const warnings = () => warned.mock.calls.map(([text, options]) => [(options as { code: string }).code, String(text)]);

const untilMode = (tuner: Tuner, mode: Mode) => vi.waitFor(() => expect(tuner.mode).toBe(mode), 10_000);

const elsewhere = JSON.stringify({ ...thisProcess(), host: 'build-7', pid: 12 });
const tookOver = (one: Entry) => one.kind === 'remark' && one.remark.kind === 'note' && one.remark.code === 'took-over';

function meddle(stateDir: string, sql: string): void {
  using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'), { timeout: 5000 });
  database.exec(sql);
}

/** Sessions of a ledger: the mode of each, and what ended it. */
function sessionsOf(stateDir: string): readonly (readonly [Mode, string | null])[] {
  using ledger = openLedger({ stateDir, executor: 'world', readOnly: true });
  expect(replay(ledger)).toMatchObject({ identical: true });
  const entries = [...ledger.read({ windows: false })];
  return entries.flatMap((one) => {
    if (one.kind !== 'session') return [];
    const ends = entries.flatMap((other) =>
      other.session === one.session && other.kind === 'record' && other.record.kind === 'phase'
        ? [other.record.phase]
        : [],
    );
    return [[one.options.mode, ends.at(-2) ?? null] as const];
  });
}

describe('a tuner that only observes because another one holds the lease', () => {
  it('an observer takes over once the holder has stopped, in the mode that was asked for, and names the holder until then', async () => {
    const stateDir = temporaryFolder();
    const holder = tunedWorld({ rate: betterFromEight }, { stateDir });
    const { tuner, world } = tunedWorld({ rate: betterFromEight }, { stateDir });
    expect(tuner.mode).toBe('observe');
    expect(warnings()).toContainEqual([
      'SANDTUNE_OBSERVING',
      "this process tunes 'world' from this folder, so this one only follows the anchor of whoever tunes",
    ]);
    await tuner.settled();
    await holder.tuner[Symbol.asyncDispose]();
    await untilMode(tuner, 'auto');
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await entryOf(tuner, isRecord('anchor'));
    await tuner[Symbol.asyncDispose]();
    expect(world.settings()).toEqual({ size: 8 });
    expect(sessionsOf(stateDir).slice(1)).toEqual([
      ['observe', 'handed over'],
      ['auto', 'stopped'],
    ]);
  });

  it('an observer names a holder that it cannot see, and takes over once that has left', async () => {
    const stateDir = temporaryFolder();
    openLedger({ stateDir, executor: 'world' })[Symbol.dispose]();
    meddle(stateDir, `INSERT INTO leases VALUES ('world', 'somebody', '${elsewhere}', 1, 1, 0)`);
    const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
    expect(warnings()).toEqual([
      [
        'SANDTUNE_OBSERVING',
        "process 12 on build-7 tunes 'world' from this folder, so this one only follows the anchor of whoever tunes",
      ],
    ]);
    meddle(stateDir, 'UPDATE leases SET owner = NULL');
    await entryOf(tuner, tookOver);
    expect(tuner.mode).toBe('auto');
    await tuner[Symbol.asyncDispose]();
  });

  it('an observer that a listener stops at the very start of the session that takes over ends on its anchor', async () => {
    const stateDir = temporaryFolder();
    const holder = tunedWorld({ rate: betterFromEight }, { stateDir });
    const { tuner, world } = tunedWorld({ rate: betterFromEight }, { stateDir });
    const { session } = tuner.history.entry;
    const stopped = new Promise<void>((resolve) => {
      tuner.watch((entry) => {
        if (entry.kind === 'session' && entry.session !== session) resolve(tuner.stop());
      });
    });
    await holder.tuner[Symbol.asyncDispose]();
    await stopped;
    expect(tuner.mode).toBe('off');
    expect(world.applied).toEqual([]);
    await tuner[Symbol.asyncDispose]();
    expect(sessionsOf(stateDir).slice(1)).toEqual([
      ['observe', 'handed over'],
      ['auto', 'stopped'],
    ]);
  });

  it('an observer leaves the lease to others when it was stopped before it could take over', async () => {
    const stateDir = temporaryFolder();
    const holder = tunedWorld({ rate: betterFromEight }, { stateDir });
    const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir, surroundings: holder.time.surroundings });
    const released = holder.tuner.stop();
    await tuner[Symbol.asyncDispose]();
    await released;
    await holder.tuner[Symbol.asyncDispose]();
    using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
    expect(database.prepare('SELECT owner FROM leases').all()).toEqual([{ owner: null }]);
  });
});

describe('a tuner whose lease was granted to somebody else', () => {
  it('a tuner that lost its lease goes back to its anchor before anything else is tried, observes, and may take over again', async () => {
    const stateDir = temporaryFolder();
    const { tuner, world } = tunedWorld({ rate: betterFromEight }, { stateDir });
    await entryOf(tuner, isRecord('baseline'));
    meddle(stateDir, `UPDATE leases SET fence = fence + 1, owner = 'somebody else', holder = '${elsewhere}'`);
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert', trigger: 'handed over' });
    expect(world.applied.filter(([, value]) => value === 8)).toEqual([]);
    await untilMode(tuner, 'observe');
    meddle(stateDir, 'UPDATE leases SET owner = NULL');
    await entryOf(tuner, tookOver);
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner[Symbol.asyncDispose]();
    expect(sessionsOf(stateDir)).toEqual([
      ['auto', 'handed over'],
      ['observe', 'handed over'],
      ['auto', 'stopped'],
    ]);
  });
});

describe('a ledger whose file is gone', () => {
  it('a ledger that is deleted is begun anew, and tuning goes on in it from the same anchor', async () => {
    const stateDir = temporaryFolder();
    const { tuner, world } = tunedWorld({ rate: betterFromEight }, { stateDir });
    await tuner.propose({ size: 8 });
    await entryOf(tuner, isRecord('anchor'));
    const entries: Entry[] = [];
    tuner.watch((entry) => entries.push(entry));
    rmSync(stateDir, { recursive: true });
    mkdirSync(stateDir);
    await vi.waitFor(() => expect(existsSync(join(stateDir, 'ledger.sqlite'))).toBe(true), 5000);
    await expect(tuner.propose({ size: 2 })).resolves.toBeDefined();
    expect(tuner.history.entry.anchor).toEqual({ size: 8 });
    await tuner[Symbol.asyncDispose]();
    expect(world.settings()).toEqual({ size: 8 });
    expect(sessionsOf(stateDir)).toEqual([['auto', 'stopped']]);
    const sessions = [...new Set(entries.map((one) => one.session))];
    expect(sessions).toHaveLength(2);
    expect(entries.filter((one) => one.kind === 'session').map((one) => one.session)).toEqual(sessions);
  });

  it('a ledger that is deleted keeps no proposal from its trial', async () => {
    const stateDir = temporaryFolder();
    const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
    await entryOf(tuner, isRecord('baseline'));
    rmSync(stateDir, { recursive: true });
    const [first, second] = await Promise.all([tuner.propose({ size: 8 }), tuner.propose({ size: 16 })]);
    expect(first).toMatchObject({ decision: 'revert', trigger: 'handed over' });
    expect(second).toMatchObject({ decision: 'commit' });
    expect(warnings()).toEqual([['SANDTUNE_LEDGER', expect.stringMatching(/it is gone; a new ledger was begun at /)]]);
    expect(tuner.history.notes).toMatchObject([{ code: 'ledger', title: 'ledger begun anew' }]);
    await tuner[Symbol.asyncDispose]();
  });

  it('a ledger that is replaced by another file is set aside, and what follows only observes, because nobody knows what was switched off', async () => {
    const stateDir = temporaryFolder();
    const { tuner, world } = tunedWorld({ rate: betterFromEight }, { stateDir });
    await entryOf(tuner, isRecord('baseline'));
    rmSync(stateDir, { recursive: true });
    mkdirSync(stateDir);
    writeFileSync(join(stateDir, 'ledger.sqlite'), 'not a database, and long enough to be one');
    await untilMode(tuner, 'observe');
    expect(readdirSync(stateDir).some((name) => name.includes('set-aside'))).toBe(true);
    expect(warnings().map(([code]) => code)).toEqual(['SANDTUNE_LEDGER', 'SANDTUNE_OBSERVING']);
    await tuner[Symbol.asyncDispose]();
    expect(world.settings()).toEqual({ size: 1 });
    expect(sessionsOf(stateDir).at(-1)).toEqual(['observe', 'stopped']);
  });
});

describe('a tuner without a file to write to', () => {
  it('a tuner without a file to write to goes on in one once there can be one', async () => {
    const inTheWay = join(temporaryFolder(), 'a-file');
    writeFileSync(inTheWay, '');
    const stateDir = join(inTheWay, 'ledgers');
    const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
    expect([tuner.mode, tuner.ledger.path]).toEqual(['observe', ':memory:']);
    await entryOf(tuner, isRecord('baseline'));
    rmSync(inTheWay);
    await untilMode(tuner, 'auto');
    expect(tuner.ledger.path).toBe(join(stateDir, 'ledger.sqlite'));
    await tuner[Symbol.asyncDispose]();
    expect(sessionsOf(stateDir)).toEqual([['auto', 'stopped']]);
  });
});
