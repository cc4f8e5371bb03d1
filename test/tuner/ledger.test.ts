import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { leaseMs } from '../../src/store/lease.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type Entry, ledgerSchemaVersion } from '../../tuner/entries/entries.ts';
import { type OpenLedgerOptions, openLedger, type TunerLedger } from '../../tuner/ledger.ts';
import { replay } from '../../tuner/replay.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const note = (text: string, session = 1): Entry => ({
  kind: 'remark',
  session,
  remark: { kind: 'note', code: 'other', title: 'test', text },
});
const measured = { kind: 'event', session: 1, event: { kind: 'measured', atMs: 1 } } as unknown as Entry;
const begun = { kind: 'session', session: 1, startedAtMs: 0, knobs: [], anchor: {}, options: {}, executor: 'pool' };
const fortyDaysMs = 40 * 86_400_000;

function openIn(stateDir: string, options: Partial<OpenLedgerOptions> = {}) {
  return openLedger({ stateDir, executor: 'pool', ...options });
}

describe('a ledger', () => {
  it('a ledger gives entries back in order, at once and to the next process', async () => {
    const stateDir = temporaryFolder();
    {
      await using ledger = openIn(stateDir);
      ledger.append([note('a')]);
      ledger.append([note('b'), measured]);
      expect([...ledger.read()]).toEqual([note('a'), note('b'), measured]);
    }
    await using again = openIn(stateDir);
    expect([...again.read()]).toEqual([note('a'), note('b'), measured]);
  });

  it('a ledger gives one session, and its windows only where they are asked for', async () => {
    await using ledger = openIn(temporaryFolder());
    ledger.append([note('a'), measured, note('b', 2)]);
    expect([...ledger.read({ session: 1 })]).toEqual([note('a'), measured]);
    expect([...ledger.read({ session: 1, windows: false })]).toEqual([note('a')]);
  });

  it('a ledger takes all entries of a batch or none', async () => {
    await using ledger = openIn(temporaryFolder());
    const circular = { kind: 'remark', session: 1, remark: {} as Record<string, unknown> };
    circular.remark['self'] = circular;
    expect(() => ledger.append([note('a'), circular as unknown as Entry])).toThrow(TypeError);
    expect([...ledger.read()]).toEqual([]);
  });

  it('a ledger reads on after a row that is no entry, and says which row was altered', async () => {
    const stateDir = temporaryFolder();
    {
      await using ledger = openIn(stateDir);
      ledger.append([note('a'), note('b'), note('c')]);
    }
    for (const text of ['x', '5', '{}']) {
      using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
      database.prepare('UPDATE rows SET text = ? WHERE seq = 2').run(text);
      await using ledger = openIn(stateDir);
      expect([...ledger.read()]).toEqual([note('a'), note('c')]);
      expect(ledger.faults()).toEqual([{ kind: 'altered', run: 1, seq: 2 }]);
    }
  });
});

describe('a kept setting', () => {
  it('a kept setting is the anchor until the configured default has changed, also right after it was kept', async () => {
    const stateDir = temporaryFolder();
    const configured = { threads: 3 };
    await using ledger = openIn(stateDir, { configured });
    expect(ledger.anchor()).toEqual({ threads: 3 });
    ledger.append([note('committed')], { keep: { threads: 2 } });
    expect(ledger.anchor()).toEqual({ threads: 2 });
    await ledger.durable();
    expect(openIn(stateDir, { configured }).anchor()).toEqual({ threads: 2 });
    expect(openIn(stateDir, { configured: { threads: 4 } }).anchor()).toEqual({ threads: 4 });
    expect(openIn(stateDir, { configured, executor: 'other' }).anchor()).toEqual({ threads: 3 });
  });

  it('a setting is not kept by a tuner that lost the lease meanwhile, and durable() says so', async () => {
    const stateDir = temporaryFolder();
    await using stopped = openIn(stateDir);
    await using next = openIn(stateDir);
    stopped.claim(0, 0);
    for (let nowMs = 0; nowMs < leaseMs; nowMs += 3000) expect(next.claim(0, nowMs).granted).toBe(false);
    expect(next.claim(0, leaseMs)).toEqual({ granted: true });
    stopped.append([note('late')], { keep: { threads: 2 } });
    await expect(stopped.durable()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_LEASE' });
    expect(stopped.anchor()).toEqual({});
    await expect(next.durable()).resolves.toBeUndefined();
  });
});

describe('the off switch', () => {
  it('the off switch holds over restarts, for one executor or for all', async () => {
    const stateDir = temporaryFolder();
    {
      await using ledger = openIn(stateDir);
      ledger.setOff(true);
      expect(ledger.isOff()).toBe(true);
    }
    await using again = openIn(stateDir);
    await using other = openIn(stateDir, { executor: 'other' });
    await using every = openIn(stateDir, { executor: '*' });
    expect([again.isOff(), other.isOff()]).toEqual([true, false]);
    again.setOff(false);
    every.setOff(true);
    expect([again.isOff(), other.isOff()]).toEqual([true, true]);
  });
});

describe('retention', () => {
  it('retention drops old windows, keeps all else, and says so', async () => {
    await using ledger = openIn(temporaryFolder());
    ledger.append([measured, note('kept')]);
    expect(await ledger.prune(fortyDaysMs)).toBe(1);
    const pruned = { kind: 'remark', session: 1, remark: { kind: 'pruned', windows: 1 } };
    expect([...ledger.read()]).toEqual([note('kept'), pruned]);
    expect(await ledger.prune(fortyDaysMs)).toBe(0);
  });

  it('retention says once how many windows in a row a file that cannot be written did not take', async () => {
    const stateDir = temporaryFolder();
    await using ledger = openIn(stateDir);
    ledger.append([begun as unknown as Entry]);
    await ledger.durable();
    const other = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const large = { ...measured, text: 'x'.repeat(400_000) };
    for (let i = 0; i < 120; i++) ledger.append([large]);
    const refusals = () => [...ledger.read()].flatMap((one) => (one.kind === 'remark' ? [one.remark] : []));
    const [refused, ...more] = refusals();
    expect(refused).toMatchObject({ kind: 'pruned', windows: expect.toSatisfy((windows: number) => windows > 1) });
    expect(more).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    await ledger.durable();
    ledger.append([measured]);
    expect(refusals()).toEqual([refused]);
  });

  it('a session whose windows retention has dropped is not counted as replayed', async () => {
    await using ledger = openIn(temporaryFolder());
    ledger.append([begun as unknown as Entry, measured]);
    await ledger.prune(fortyDaysMs);
    expect(replay(ledger)).toMatchObject({ sessions: 0, pruned: 1, events: 0 });
  });
});

describe('a ledger of another version', () => {
  it('a ledger of another version is set aside, with its kept settings and off switches carried over', async () => {
    const stateDir = temporaryFolder();
    using old = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
    old.exec(`
      CREATE TABLE kept (executor TEXT PRIMARY KEY, configured TEXT NOT NULL, settings TEXT NOT NULL);
      CREATE TABLE switches (executor TEXT PRIMARY KEY, off INTEGER NOT NULL);
      INSERT INTO kept VALUES ('pool', '{"threads":3}', '{"threads":2}');
      INSERT INTO switches VALUES ('pool', 0), ('*', 1);
      PRAGMA user_version = 2;
    `);
    await using ledger = openIn(stateDir, { configured: { threads: 3 } });
    expect(ledger.setAside).toMatchObject({
      carriedOver: true,
      path: expect.stringMatching(/ledger\.set-aside-.*\.sqlite$/),
    });
    expect(ledger.anchor()).toEqual({ threads: 2 });
    expect(ledger.isOff()).toBe(true);
    await ledger.durable();
  });

  it('a ledger of another version is refused where it is only read', () => {
    const stateDir = temporaryFolder();
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(join(stateDir, 'ledger.sqlite'), 'not a database, of some length and more');
    expect(() => openIn(stateDir, { readOnly: true })).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_STORE', trouble: 'damaged' }),
    );
  });
});

describe('the anchor of the holder', () => {
  const held = async (ledger: TunerLedger) => (await ledger.state()).anchorOfHolder;

  it('the anchor of the holder is read by whoever does not hold the lease, and by the next that does', async () => {
    const stateDir = temporaryFolder();
    const configured = { threads: 2 };
    await using holder = openIn(stateDir, { configured });
    await using follower = openIn(stateDir, { configured });
    await using another = openIn(stateDir, { configured: { threads: 3 } });
    expect(await held(follower)).toBeNull();
    holder.claim(1, 1);
    holder.append([note('a')], { anchor: { threads: 8 } });
    expect(await held(follower)).toEqual({ settings: { threads: 8 }, sameDefault: true });
    expect(await held(another)).toEqual({ settings: { threads: 8 }, sameDefault: false });
    expect(follower.anchor()).toEqual(configured);
  });

  it('the anchor of the holder is not what somebody writes who lost the lease', async () => {
    const stateDir = temporaryFolder();
    await using holder = openIn(stateDir);
    holder.claim(1, 1);
    holder.append([], { anchor: { threads: 4 } });
    await using next = openIn(stateDir);
    for (let nowMs = 0; !next.claim(1, nowMs).granted; nowMs += 3000);
    next.append([], { anchor: { threads: 8 } });
    await next.durable();
    holder.append([], { anchor: { threads: 16 } });
    await expect(holder.durable()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_LEASE' });
    expect((await held(next))?.settings).toEqual({ threads: 8 });
  });

  it('an anchor of the holder that makes no sense is none', async () => {
    const stateDir = temporaryFolder();
    await using ledger = openIn(stateDir);
    ledger.claim(1, 1);
    await using opened = openStore({ path: ledger.path, version: ledgerSchemaVersion, wallMs: 0 });
    for (const value of ['{', '7', '{"settings":"8","configured":{}}', '{"settings":{"threads":8}}']) {
      opened.store.append([], { cells: [{ subject: 'pool', key: 'anchor', value }] });
      expect(await held(ledger)).toBeNull();
    }
  });

  it('nobody is followed of whom it is not known that they live', async () => {
    const stateDir = temporaryFolder();
    await using ledger = openIn(stateDir);
    ledger.claim(1, 1);
    ledger.append([], { anchor: { threads: 4 } });
    expect(await held(ledger)).not.toBeNull();
    await ledger.release();
    expect(await held(ledger)).toBeNull();
  });

  it('cells that were altered are told as damage, whichever way they are asked for', async () => {
    const stateDir = temporaryFolder();
    await using ledger = openIn(stateDir);
    ledger.append([], { anchor: { threads: 4 } });
    await ledger.durable();
    const troubles: unknown[] = [];
    ledger.onTrouble((error) => troubles.push(error.trouble));
    using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
    database.exec("UPDATE cells SET value = '{}'");
    for (const ask of [() => ledger.anchor(), () => ledger.isOff()])
      expect(ask).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_STORE', trouble: 'damaged' }));
    await expect(ledger.state()).rejects.toMatchObject({ trouble: 'damaged' });
    expect(troubles).toEqual(['damaged']);
    await using next = openIn(stateDir);
    expect(next.setAside).toMatchObject({ carriedOver: false });
    expect(await held(next)).toBeNull();
  });
});

describe('what is asked of the thread that writes', () => {
  it('what is asked of the thread that writes is answered like what is asked at once, also before it is on disk', async () => {
    await using ledger = openIn(temporaryFolder(), { configured: { threads: 3 } });
    expect(await ledger.state()).toEqual({ off: false, anchor: { threads: 3 }, anchorOfHolder: null });
    ledger.setOff(true);
    ledger.append([], { anchor: { threads: 4 }, keep: { threads: 4 } });
    expect(await ledger.state()).toMatchObject({ off: ledger.isOff(), anchor: ledger.anchor() });
    expect(ledger.isOff()).toBe(true);
  });

  it('what is asked of the thread that writes finds out a holder that stands still as a claim made at once does', async () => {
    const stateDir = temporaryFolder();
    await using holder = openIn(stateDir);
    await using next = openIn(stateDir);
    expect(await holder.claimLater(0, 0)).toEqual({ granted: true });
    expect(await next.claimLater(0, 0)).toMatchObject({ granted: false, holder: 'this process' });
    expect(next.claim(0, leaseMs / 2)).toMatchObject({ granted: false });
    expect(await next.claimLater(0, leaseMs)).toEqual({ granted: true });
    expect(await holder.renew(0)).toBe(false);
  });

  it('a grant whose answer was not heard any more is released with the rest', async () => {
    const stateDir = temporaryFolder();
    await using ledger = openIn(stateDir);
    const asked = ledger.claimLater(0, 0);
    await ledger.release();
    await asked;
    await using next = openIn(stateDir);
    expect(next.claim(0, 0)).toEqual({ granted: true });
  });
});
