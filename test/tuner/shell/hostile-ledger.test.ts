import { closeSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../../src/contracts.ts';
import { Store } from '../../../src/store/store.ts';
import { StoreError, type Trouble } from '../../../src/store/store-error.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { replay } from '../../../tuner/replay.ts';
import type { Tuner } from '../../../tuner/tuner.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { entryOf, isRecord, recordsOf, tunedWorld } from '../../support/tuned-world.ts';

const size = (settings: Settings) => Number(settings['size']);
const better = (settings: Settings) => (size(settings) >= 8 ? 15_000 : 10_000);

function notesOf(tuner: Tuner): string[] {
  return [...tuner.ledger.read()].flatMap((entry) =>
    entry.kind === 'remark' && entry.remark.kind === 'note' ? [`${entry.remark.title}: ${entry.remark.text}`] : [],
  );
}

function meddle(stateDir: string, sql: string): void {
  using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
  database.exec(sql);
}

/** Another program writes, until it is told to stop. */
function locked(stateDir: string): DatabaseSync {
  const database = new DatabaseSync(join(stateDir, 'ledger.sqlite'), { timeout: 5000 });
  database.exec('BEGIN IMMEDIATE');
  return database;
}

/** A tuner whose ledger gets into trouble, and out of it, when the test says so. */
function troubled(...options: Parameters<typeof tunedWorld>) {
  const listeners: ((error: StoreError) => void)[] = [];
  const listens = vi.spyOn(Store.prototype, 'onTrouble').mockImplementation((listener) => {
    listeners.push(listener);
    return () => {};
  });
  const tuned = tunedWorld(...options);
  listens.mockRestore();
  const { ledger } = tuned.tuner;
  const durable = vi.spyOn(ledger, 'durable');
  const fail = (kind: Trouble) => {
    const error = new StoreError(ledger.path, kind, kind);
    durable.mockRejectedValue(error);
    for (const listener of listeners) listener(error);
  };
  return { ...tuned, fail, heal: () => durable.mockResolvedValue() };
}

/** Fills the first page of a table or index with nonsense. */
function overwrite(stateDir: string, name: string): void {
  const path = join(stateDir, 'ledger.sqlite');
  using database = new DatabaseSync(path);
  const page = Number(database.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(name)?.['rootpage']);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => {
  warned.mockClear();
});
const warnings = () => warned.mock.calls.map(([text]) => String(text));

describe('tune() on a ledger that cannot be used', () => {
  it.each(['/dev/null/x', ...(process.platform === 'linux' ? ['/proc/sandtune', '/sys/sandtune/x'] : [])])(
    'tune() observes, keeps its ledger in memory and says so, where no file can be made: %s',
    async (stateDir) => {
      const { tuner, world } = tunedWorld({ rate: better }, { stateDir });
      expect(tuner.mode).toBe('observe');
      await tuner.settled();
      await tuner[Symbol.asyncDispose]();
      expect(world.applied).toEqual([]);
      expect(warnings()).toEqual([expect.stringMatching(/the ledger cannot be used .*is only observed/)]);
    },
  );

  it('a ledger stays in its folder when the program goes to another one', async () => {
    const [first, other] = [temporaryFolder(), temporaryFolder()];
    const workingFolder = vi.spyOn(process, 'cwd').mockReturnValue(first);
    const { tuner } = tunedWorld({ rate: better }, { stateDir: 'state' });
    await tuner.settled();
    workingFolder.mockReturnValue(other);
    rmSync(join(first, 'state'), { recursive: true });
    await vi.waitUntil(() => warnings().some((text) => text.includes('ledger')), { timeout: 15_000 });
    await tuner.stop();
    await tuner[Symbol.asyncDispose]();
    workingFolder.mockRestore();
    expect(readdirSync(other)).toEqual([]);
    expect(readdirSync(join(first, 'state'))).toContain('ledger.sqlite');
  });

  it('a damaged ledger is set aside, and tune() observes because somebody may have switched tuning off in it', async () => {
    const stateDir = temporaryFolder();
    writeFileSync(join(stateDir, 'ledger.sqlite'), 'not a database, of some length and more');
    const { tuner } = tunedWorld({ rate: better }, { stateDir });
    expect(tuner.mode).toBe('observe');
    expect(notesOf(tuner)).toEqual([
      expect.stringMatching(/^ledger set aside: .*could not be read$/),
      expect.stringMatching(/^observing only: the off switch of 'world' could not be read/),
    ]);
    expect(warnings()).toEqual([
      expect.stringMatching(/set-aside-.*a new one was begun/),
      expect.stringMatching(/the off switch of 'world' could not be read/),
    ]);
    await tuner[Symbol.asyncDispose]();
    const again = tunedWorld({ rate: better }, { stateDir });
    expect(again.tuner.mode).toBe('auto');
    await again.tuner[Symbol.asyncDispose]();
  });

  it('a ledger whose pages turn out to be damaged when they are read is set aside, and its off switch carried over', async () => {
    const stateDir = temporaryFolder();
    {
      await using ledger = openLedger({ stateDir, executor: 'world' });
      ledger.setOff(true);
    }
    // The tables stand, the index that the newest sessions are found by does not.
    overwrite(stateDir, 'runs_by_subject');
    const { tuner } = tunedWorld({ rate: better }, { stateDir });
    expect(readdirSync(stateDir).filter((name) => name.includes('set-aside'))).not.toEqual([]);
    expect(tuner.mode).toBe('off');
    await tuner[Symbol.asyncDispose]();
  });

  it('tune() observes where another program has locked the ledger, and does not wait for that', async () => {
    const stateDir = temporaryFolder();
    openLedger({ stateDir, executor: 'world' })[Symbol.dispose]();
    const other = locked(stateDir);
    const { tuner } = tunedWorld({ rate: better }, { stateDir });
    expect(tuner.mode).toBe('observe');
    expect(notesOf(tuner)).toEqual([
      expect.stringMatching(/^observing only: the lease of 'world' could not be taken: .*locked/),
    ]);
    other.exec('ROLLBACK');
    other.close();
    await tuner[Symbol.asyncDispose]();
    using ledger = openLedger({ stateDir, executor: 'world' });
    expect(replay(ledger)).toMatchObject({ sessions: 1, identical: true });
  });

  it.each([
    ['the trigger of a decision', `json_set(text, '$.record.trigger', 'bettfr') WHERE kind = 'record:decision'`],
    ['the design of a trial', `json_remove(text, '$.record.design') WHERE kind = 'record:trial'`],
  ])(
    'tune() tunes on past rows of an earlier session without %s, and takes over what that session left',
    async (_, how) => {
      const stateDir = temporaryFolder();
      await using first = tunedWorld({ rate: better }, { stateDir }).tuner;
      await first.propose({ size: 8 });
      await first[Symbol.asyncDispose]();
      meddle(stateDir, `UPDATE rows SET text = ${how}`);
      const { tuner } = tunedWorld({ rate: better }, { stateDir });
      expect(tuner.mode).toBe('auto');
      expect(tuner.history.entry.recalled.spent).toHaveLength(1);
      await tuner[Symbol.asyncDispose]();
    },
  );

  it('tune() keeps no lease from others where its session could not begin', async () => {
    const stateDir = temporaryFolder();
    const ledger = openLedger({ stateDir, executor: 'world' });
    const unreadable = new StoreError(ledger.path, 'failed', 'disk I/O error');
    const reads = vi.spyOn(Store.prototype, 'runs').mockImplementationOnce(() => {
      throw unreadable;
    });
    const observing = tunedWorld({ rate: better }, { stateDir });
    reads.mockRestore();
    expect(observing.tuner.mode).toBe('observe');
    await observing.tuner[Symbol.asyncDispose]();
    await ledger[Symbol.asyncDispose]();
    using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
    expect(database.prepare('SELECT owner FROM leases').all()).toEqual([{ owner: null }]);
  });

  it('tune() starts again on a session whose knobs fill a page', async () => {
    const stateDir = temporaryFolder();
    const knobs = Array.from({ length: 60 }, (_, i) => ({ id: `knob-with-a-long-name-${i}`, defaultValue: 1 }));
    for (let start = 0; start < 2; start++) {
      // What its knobs are worth is not what is asked here, so that it does not come to search them.
      const expert = { baselineWindows: 10_000 };
      const { tuner } = tunedWorld({ rate: () => 10_000, knobs }, { stateDir, expert });
      expect(tuner.mode).toBe('auto');
      await tuner[Symbol.asyncDispose]();
    }
    expect(warnings()).toEqual([]);
  });
});

describe('a ledger that fails under a running tuner', () => {
  it('the intent is on disk before a setting other than the anchor is applied', async () => {
    const stateDir = temporaryFolder();
    const missing: unknown[] = [];
    const { tuner } = tunedWorld(
      {
        rate: better,
        knobs: [
          {
            id: 'size',
            defaultValue: 1,
            refuses: (value) => {
              using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'), { readOnly: true });
              const rows = database.prepare("SELECT text FROM rows WHERE kind = 'record:intent'").all();
              if (value !== 1 && !rows.some((row) => String(row['text']).includes(`"size":${value}`)))
                missing.push(value);
              return false;
            },
          },
        ],
      },
      { stateDir },
    );
    await tuner.propose({ size: 8 });
    await tuner.propose({ size: 16 });
    await tuner[Symbol.asyncDispose]();
    expect(missing).toEqual([]);
  });

  it('a tuner only measures on the anchor while an intent cannot be written, tunes again after, and says both', async () => {
    const stateDir = temporaryFolder();
    // What a search does not come upon.
    const { tuner, world } = tunedWorld({ rate: ({ size }) => (size === 7 ? 15_000 : 10_000) }, { stateDir });
    await entryOf(tuner, () => recordsOf(tuner, 'phase').at(-1)?.phase === 'resting');
    const other = locked(stateDir);
    await expect(tuner.propose({ size: 7 })).resolves.toMatchObject({ decision: 'revert', trigger: 'ledger' });
    expect(tuner.mode).toBe('observe');
    await expect(tuner.propose({ size: 7 })).resolves.toMatchObject({ decision: 'hold', trigger: 'ledger' });
    expect(world.applied.filter(([, value]) => value === 7)).toEqual([]);
    expect(warnings()).toEqual([expect.stringMatching(/the ledger cannot be written .*locked/)]);
    other.exec('ROLLBACK');
    other.close();
    await vi.waitFor(() => expect(tuner.mode).toBe('auto'), 5000);
    expect(warnings()).toEqual([expect.anything(), expect.stringMatching(/is written again, and tuning goes on/)]);
    expect(notesOf(tuner)).toEqual([
      expect.stringMatching(/^ledger in trouble/),
      expect.stringMatching(/^ledger written again/),
    ]);
    await expect(tuner.propose({ size: 7 })).resolves.toMatchObject({ decision: 'commit' });
    await tuner.stop();
    expect(recordsOf(tuner, 'back-off').filter(({ settings }) => settings['size'] === 7)).toEqual([]);
    expect(replay(tuner.ledger)).toMatchObject({ sessions: 1, identical: true });
    await tuner[Symbol.asyncDispose]();
  });

  it('a ledger that gets full sends a trial that is under way back to the anchor', async () => {
    // The disk is as slow as it is: the trial must not be over before it fails.
    const { tuner, world, fail } = troubled({ rate: () => 10_000, sigma: 0.3 });
    const decision = tuner.propose({ size: 8 });
    await entryOf(tuner, isRecord('pair'));
    fail('full');
    await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'ledger' });
    await vi.waitFor(() => expect([world.settings(), world.warm()]).toEqual([{ size: 1 }, 0]));
    expect(tuner.mode).toBe('observe');
    await tuner.stop();
    expect(warnings()).toEqual([
      expect.stringMatching(/cannot be written .*full/),
      expect.stringMatching(/what 'world' did last is not in its ledger yet: .*full/),
    ]);
    expect(replay(tuner.ledger)).toMatchObject({ identical: true });
  });

  it('trouble with the ledger changes nothing for a tuner that only observes, but is told', async () => {
    const { tuner, fail, heal } = troubled({ rate: better }, { mode: 'observe' });
    await tuner.settled();
    fail('locked');
    await vi.waitFor(() => expect(warnings()).toEqual([expect.stringMatching(/cannot be written/)]));
    expect(tuner.mode).toBe('observe');
    heal();
    await vi.waitFor(() => expect(warnings()).toEqual([expect.anything(), expect.stringMatching(/written again$/)]));
    await tuner.stop();
    expect(recordsOf(tuner, 'phase').map(({ phase }) => phase)).toEqual(['stopped', 'ended']);
    expect(replay(tuner.ledger)).toMatchObject({ sessions: 1, identical: true });
  });

  it('a locked ledger does not keep a candidate in force that is to be reverted', async () => {
    const stateDir = temporaryFolder();
    const { tuner, world } = tunedWorld({ rate: better }, { stateDir });
    const decision = tuner.propose({ size: 8 });
    await entryOf(tuner, isRecord('pair'));
    const other = locked(stateDir);
    await tuner.stop();
    await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'stopped' });
    expect(world.settings()).toEqual({ size: 1 });
    other.exec('ROLLBACK');
    other.close();
    await tuner[Symbol.asyncDispose]();
  });
});
