import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../tuner/entries/entries.ts';
import { leaseMs, openLedger } from '../../tuner/ledger.ts';
import { replay } from '../../tuner/replay.ts';

const note = (text: string, session = 1): Entry => ({
  kind: 'remark',
  session,
  remark: { kind: 'note', code: 'other', title: 'test', text },
});

describe('the ledger', () => {
  let stateDir: string;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'sandtune-ledger-'));
  });
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }));
  const open = (configured = {}, executor = 'pool') => openLedger({ stateDir, executor, configured });

  it('gives entries back in order, also to the next process', () => {
    using ledger = open();
    expect(ledger.append(note('a'))).toBe(1);
    expect(ledger.appendAll([note('b'), note('c')])).toBe(3);
    using again = open();
    expect([...again.read(2)]).toEqual([note('b'), note('c')]);
  });

  it('writes all entries of a batch or none', () => {
    using ledger = open();
    const circular = { kind: 'remark', session: 1, remark: {} as Record<string, unknown> };
    circular.remark['self'] = circular;
    expect(() => ledger.appendAll([note('a'), circular as unknown as Entry])).toThrow(/ledger/);
    expect([...ledger.read()]).toEqual([]);
  });

  it('takes the configured setting as the anchor until another was kept', () => {
    using ledger = open({ threads: 3 });
    expect(ledger.anchor()).toEqual({ threads: 3 });
    ledger.keep({ threads: 2 });
    using again = open({ threads: 3 });
    expect(again.anchor()).toEqual({ threads: 2 });
  });

  it('forgets a kept setting once the configured default has changed', () => {
    using ledger = open({ threads: 3 });
    ledger.keep({ threads: 2 });
    using changed = open({ threads: 4 });
    expect(changed.anchor()).toEqual({ threads: 4 });
  });

  it('lets one living owner tune, and another once the lease ran out', () => {
    using ledger = open();
    const me = `${process.pid}:1`;
    const other = `${process.pid}:2`;
    expect(ledger.lease(me, 1000)).toBe(true);
    expect(ledger.lease(other, 2000)).toEqual({ owner: me });
    expect(ledger.lease(other, 1000 + leaseMs)).toBe(true);
  });

  it('gives the lease of a dead process away at once', () => {
    using ledger = open();
    expect(ledger.lease('999999999:1', 1000)).toBe(true);
    expect(ledger.lease(`${process.pid}:2`, 1001)).toBe(true);
  });

  it('keeps the off switch over restarts', () => {
    using ledger = open();
    ledger.setOff(true);
    using again = open();
    expect(again.isOff()).toBe(true);
    again.setOff(false);
    expect(ledger.isOff()).toBe(false);
  });

  it('drops old windows and keeps decisions', () => {
    using ledger = open();
    const measured = { kind: 'event', session: 1, event: { kind: 'measured', atMs: 1 } } as unknown as Entry;
    ledger.appendAll([measured, note('kept')]);
    expect(ledger.prune(40 * 86_400_000)).toBe(1);
    expect([...ledger.read()]).toEqual([
      note('kept'),
      { kind: 'remark', session: 1, remark: { kind: 'pruned', windows: 1 } },
    ]);
    expect(ledger.prune(40 * 86_400_000)).toBe(0);
  });

  it('does not claim to replay a session whose windows were dropped', () => {
    using ledger = open();
    const session = {
      kind: 'session',
      session: 1,
      startedAtMs: 0,
      knobs: [],
      anchor: {},
      options: {},
    } as unknown as Entry;
    const measured = { kind: 'event', session: 1, event: { kind: 'measured', atMs: 1 } } as unknown as Entry;
    ledger.appendAll([session, measured]);
    ledger.prune(40 * 86_400_000);
    expect(replay(ledger)).toMatchObject({ sessions: 0, pruned: 1, events: 0 });
  });

  it('refuses a file of another schema version', () => {
    const database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => open()).toThrow(/expected schema version 2, got 99; .* another stateDir/);
  });
});
