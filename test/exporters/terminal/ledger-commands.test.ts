import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openLedger } from '../../../tuner/ledger.ts';
import { noChangeStory } from '../../support/sample-stories.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { storedLedger } from '../stored/stored-ledger.ts';
import { sandtune } from './command.ts';

const story = noChangeStory();

const fill = (folder: string) => storedLedger(folder, story);

describe('sandtune report', () => {
  it('sandtune report fails with the reason where there is no ledger, and makes none', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await sandtune(folder, ['report']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/no ledger in '\.sandtune'.*--state-dir or SANDTUNE_DIR/);
    expect(existsSync(join(folder, '.sandtune'))).toBe(false);
  });

  it('sandtune report writes page, summary and JSON beside the ledger and prints the verdict', async () => {
    const folder = temporaryFolder();
    await fill(join(folder, 'state'));
    const { code, stdout } = await sandtune(folder, ['report'], { SANDTUNE_DIR: 'state' });
    expect(code).toBe(0);
    const html = join(folder, 'state/report/report.html');
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/i);
    const { verdict } = JSON.parse(readFileSync(join(folder, 'state/report/report.json'), 'utf8'));
    expect(stdout).toContain(verdict.line);
    expect(stdout).toContain('state/report/report.html');
  });

  it('sandtune report --json prints JSON alone on stdout and writes nothing, unless --out says where', async () => {
    const folder = temporaryFolder();
    await fill(join(folder, '.sandtune'));
    const printed = await sandtune(folder, ['report', '--json']);
    expect(JSON.parse(printed.stdout)).toMatchObject({ schemaVersion: 2, session: { session: 4071 } });
    expect(existsSync(join(folder, '.sandtune/report'))).toBe(false);
    const both = await sandtune(folder, ['report', '--markdown', '--out', 'here', '--session', '4071']);
    expect(both.stdout).toMatch(/^#/);
    expect(readFileSync(join(folder, 'here/report.md'), 'utf8')).toBe(both.stdout);
  });

  it('sandtune report names the other executors of a ledger, and --executor chooses one', async () => {
    const folder = temporaryFolder();
    const stateDir = join(folder, '.sandtune');
    await fill(stateDir);
    {
      await using ledger = openLedger({ stateDir, executor: 'worker' });
      ledger.append(
        story.map((entry) => ({
          ...entry,
          session: 4072,
          ...(entry.kind === 'session' && { executor: 'worker' }),
        })) as typeof story,
      );
      await ledger.durable();
    }
    const newest = await sandtune(folder, ['report', '--json']);
    expect(JSON.parse(newest.stdout)).toMatchObject({ session: { executor: 'worker' } });
    expect(newest.stderr).toBe(
      "sandtune: also in this ledger: 'demo sandbox' (4071); --executor NAME reports its last session\n",
    );
    const chosen = await sandtune(folder, ['report', '--json', '--executor', 'demo sandbox']);
    expect(JSON.parse(chosen.stdout)).toMatchObject({ session: { executor: 'demo sandbox', session: 4071 } });
    const unknown = await sandtune(folder, ['report', '--executor', 'demo']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("no session of 'demo'");
  });

  it('sandtune report refuses a session the ledger does not have', async () => {
    const folder = temporaryFolder();
    await fill(join(folder, '.sandtune'));
    const { code, stderr } = await sandtune(folder, ['report', '--session', '5']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/4071.*got 5/);
  });
});

describe('sandtune replay', () => {
  it('sandtune replay fails when the records of a ledger do not follow from its events', async () => {
    const folder = temporaryFolder();
    await fill(join(folder, '.sandtune'));
    const { code, stdout } = await sandtune(folder, ['replay']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^different in session 4071[\s\S]*recorded: [\s\S]*replayed: /);
  });

  it('sandtune replay fails where a row was altered, and says which', async () => {
    const folder = temporaryFolder();
    await fill(join(folder, '.sandtune'));
    using database = new DatabaseSync(join(folder, '.sandtune/ledger.sqlite'));
    database.exec('UPDATE rows SET at_ms = at_ms + 1 WHERE seq = 2');
    const { code, stdout } = await sandtune(folder, ['replay']);
    expect(code).toBe(1);
    expect(stdout).toContain('damaged: row 2 of session 4071 was altered');
  });

  it('sandtune replay fails where a row cannot be read, and names it', async () => {
    const folder = temporaryFolder();
    await fill(join(folder, '.sandtune'));
    using database = new DatabaseSync(join(folder, '.sandtune/ledger.sqlite'));
    database.exec(`UPDATE rows SET text = '{"kind":"event","session":4071}' WHERE seq = 2`);
    const { code, stdout } = await sandtune(folder, ['replay']);
    expect(code).toBe(1);
    expect(stdout).toBe(
      'not possible of session 4071: rows of it cannot be read\ndamaged: row 2 of session 4071 was altered\n',
    );
  });

  it('sandtune replay fails on a ledger without a session', async () => {
    const folder = temporaryFolder();
    openLedger({ stateDir: join(folder, '.sandtune'), executor: 'x' })[Symbol.dispose]();
    const { code, stderr } = await sandtune(folder, ['replay', '--json']);
    expect(code).toBe(1);
    expect(stderr).toContain('expected at least one session, got none');
  });
});
