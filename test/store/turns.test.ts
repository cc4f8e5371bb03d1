import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/clock.ts';
import { DatabaseSync } from '../../src/store/sqlite.ts';
import { type Turns, turnsOfMachine, turnsOfProcess } from '../../src/store/turns.ts';

let folder = '';
const children: ChildProcess[] = [];
const owners = ['a', 'b', 'c'] as const;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandtune-test-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) await ended(child);
  for (const owner of owners) turnsOfProcess(systemClock).leave(owner);
  rmSync(folder, { recursive: true, force: true });
});

function ask(turns: Turns, owner: string, nowMs = 0): string | null {
  return turns.ask({ owner, name: owner, nowMs, goodUntilMs: nowMs + 1000 });
}

async function childWith(owner: string): Promise<{ readonly child: ChildProcess; readonly waitsFor: string | null }> {
  const file = fileURLToPath(new URL('turn-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=sandtune-source', file, folder, owner]);
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, waitsFor: JSON.parse(String(line)) as string | null };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe.each([
  ['of a process', () => turnsOfProcess(systemClock)],
  ['of a machine', () => turnsOfMachine(folder)],
] as const)('a queue %s', (_name, open) => {
  it('gives the turn to whoever asked first, then to whoever asked next, however often they ask', () => {
    const turns = open();
    expect(ask(turns, 'a')).toBeNull();
    expect(ask(turns, 'b')).toBe("'a' of this process");
    expect(ask(turns, 'c')).toBe("'a' of this process");
    expect(ask(turns, 'a')).toBeNull();
    turns.leave('a');
    expect(ask(turns, 'a')).toBe("'b' of this process");
    expect(ask(turns, 'c')).toBe("'b' of this process");
    turns.leave('b');
    expect(ask(turns, 'c')).toBeNull();
  });

  it('passes over a place that was not asked for again in the time that it said', () => {
    const turns = open();
    ask(turns, 'a', 0);
    expect(ask(turns, 'b', 900)).toBe("'a' of this process");
    expect(ask(turns, 'b', 1100)).toBeNull();
    expect(ask(turns, 'a', 1200)).toBe("'b' of this process");
  });
});

describe('the queue of a machine', () => {
  it('makes a process wait for another one, which it names, and no longer than that one lives', async () => {
    const { child, waitsFor } = await childWith('a');
    expect(waitsFor).toBeNull();
    const turns = turnsOfMachine(folder);
    const nowMs = Date.now();
    expect(ask(turns, 'b', nowMs)).toMatch(new RegExp(`^'a' of process ${child.pid} on `));
    expect((await childWith('c')).waitsFor).toMatch(/^'a' of process/);
    await ended(child);
    expect(ask(turns, 'b', nowMs)).toBeNull();
  });

  it.each([
    [
      'a file that is no database',
      () => writeFileSync(join(folder, 'turns.sqlite'), 'no database, and of some length'.repeat(99)),
    ],
    ['a folder that others may write to', () => chmodSync(folder, 0o777)],
    [
      'a link where the folder should be',
      () => {
        rmSync(folder, { recursive: true });
        symlinkSync('/', folder);
      },
    ],
    [
      'a file where the folder should be',
      () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      },
    ],
  ])('is that of the process where there is %s', (_name, spoil) => {
    spoil();
    const turns = turnsOfMachine(folder);
    expect(ask(turns, 'a')).toBeNull();
    expect(ask(turns, 'b')).toBe("'a' of this process");
    expect(ask(turnsOfProcess(systemClock), 'c')).toBe("'a' of this process");
    turns.leave('a');
    expect(ask(turns, 'b')).toBeNull();
  });

  it('simulated times have queues of their own', () => {
    const [one, other] = [
      { now: () => 0, timeOrigin: 0 },
      { now: () => 0, timeOrigin: 0 },
    ];
    expect(ask(turnsOfProcess(one), 'a')).toBeNull();
    expect(ask(turnsOfProcess(other), 'b')).toBeNull();
    expect(ask(turnsOfProcess(one), 'b')).toBe("'a' of this process");
  });
});

describe('a queue that another process writes to just now', () => {
  function writing<T>(work: () => T): T {
    using lock = new DatabaseSync(join(folder, 'turns.sqlite'));
    lock.exec('BEGIN IMMEDIATE');
    return work();
  }

  it('gives nobody the turn that another has, and forgets nobody who leaves meanwhile', () => {
    const turns = turnsOfMachine(folder);
    expect(ask(turns, 'a')).toBeNull();
    expect(ask(turns, 'b')).toBe("'a' of this process");
    expect(writing(() => ask(turns, 'b'))).toBe('another tuner');
    expect(ask(turns, 'b')).toBe("'a' of this process");
    writing(() => turns.leave('a'));
    expect(ask(turns, 'b')).toBeNull();
  });

  it('is given up on for the process when it never ends', () => {
    const turns = turnsOfMachine(folder);
    ask(turns, 'a');
    const answers = writing(() => Array.from({ length: 12 }, () => ask(turns, 'b')));
    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'another tuner'));
    expect(answers.at(-1)).toBeNull();
  });
});
