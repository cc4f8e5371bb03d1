import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../../src/adapters/wrap.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { tune } from '../../../tuner/tune.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { noChangeStory } from '../../support/sample-stories.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { storedLedger } from '../stored/stored-ledger.ts';
import { sandtune } from './command.ts';

function isOff(folder: string, executor: string): boolean {
  using ledger = openLedger({ stateDir: folder, executor });
  return ledger.isOff();
}

const here = `process ${process.pid} on ${hostname()}`;

async function ledgerFolder(): Promise<string> {
  const folder = temporaryFolder();
  await storedLedger(join(folder, '.sandtune'), noChangeStory());
  return folder;
}

describe('sandtune off', () => {
  it('sandtune off fails where no ledger is, says what to do, and makes none', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await sandtune(folder, ['off', '--state-dir', 'state']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^sandtune: nothing was switched off: no ledger in '\/.*\/state'.*--state-dir.*SANDTUNE_MODE=off/,
    );
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  it('sandtune off switches everything off, durably, and says that nobody was tuning', async () => {
    const folder = await ledgerFolder();
    const { code, stdout } = await sandtune(folder, ['off']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "off: nothing tunes any executor from '.sandtune'; nobody was tuning\n",
    });
    expect(isOff(join(folder, '.sandtune'), 'anything')).toBe(true);
  });

  it('sandtune off switches one executor off and leaves the others alone, and doubts a name it does not know', async () => {
    const folder = await ledgerFolder();
    const known = await sandtune(folder, ['off', '--executor', 'demo sandbox']);
    expect(known).toMatchObject({ code: 0, stderr: '' });
    const unknown = await sandtune(folder, ['off', '--executor', 'sandbx']);
    expect(unknown).toMatchObject({ code: 0, stderr: expect.stringContaining("no session of 'sandbx'") });
    expect(isOff(join(folder, '.sandtune'), 'demo sandbox')).toBe(true);
    expect(isOff(join(folder, '.sandtune'), 'other')).toBe(false);
  });

  it('sandtune off waits until tuning has ended, and says who was tuning', async () => {
    const folder = temporaryFolder();
    const executor = wrap(async (ms: number) => sleep(ms), { name: 'slow', concurrency: { value: 2, max: 8 } });
    let calling = true;
    const callers = Array.from({ length: 8 }, async () => {
      while (calling) await executor.run(2);
    });
    const stateDir = join(folder, '.sandtune');
    await using tuner = tune(executor, { mode: 'auto', stateDir, expert: { windowMs: 100 } });
    await tuner.ledger.durable();
    const { code, stdout, stderr } = await sandtune(folder, ['off']);
    calling = false;
    await Promise.all(callers);
    expect(stderr).toBe(`sandtune: waiting at most 30 s until ${here}, which tunes 'slow', has ended\n`);
    expect(stdout).toMatch(`${here} was tuning 'slow' and has ended on its anchor`);
    expect(stdout).toContain('processes that follow or observe from there end within some seconds');
    expect(code).toBe(0);
    expect(tuner.history.ended).toBe('off');
  });

  it('sandtune off fails when tuning has not ended in time, and names who still tunes', async () => {
    const folder = temporaryFolder();
    const stateDir = join(folder, '.sandtune');
    await using ledger = openLedger({ stateDir, executor: 'demo sandbox' });
    ledger.append(new SampleSession().baseline(1).entries);
    expect(ledger.claim(Date.now(), performance.now()).granted).toBe(true);
    await ledger.durable();
    const { code, stdout, stderr } = await sandtune(folder, ['off', '--wait', '1']);
    expect(code).toBe(1);
    expect(stdout).toMatch(`${here} is still tuning 'demo sandbox'`);
    expect(stderr).toMatch(/has not ended within 1 s/);
    expect(isOff(stateDir, 'demo sandbox')).toBe(true);
  });

  it.each([
    ['damaged', 'x'.repeat(9000)],
    ['empty', ''],
  ])('refuses a ledger that is %s in one line, and leaves it as it is', async (_, text) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.sandtune'));
    const path = join(folder, '.sandtune/ledger.sqlite');
    writeFileSync(path, text);
    for (const verb of ['off', 'on', 'report', 'replay']) {
      const { code, stdout, stderr } = await sandtune(folder, [verb]);
      expect({ verb, code, stdout }).toEqual({ verb, code: 1, stdout: '' });
      expect(stderr).toMatch(/^sandtune: store .*ledger\.sqlite: [^\n]*\n$/);
      expect(stderr.includes('use SANDTUNE_MODE=off')).toBe(verb === 'off');
    }
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('sandtune off is put once another process has let the ledger go', async () => {
    const folder = await ledgerFolder();
    const other = new DatabaseSync(join(folder, '.sandtune/ledger.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const off = sandtune(folder, ['off']);
    await sleep(4000);
    other.exec('ROLLBACK');
    other.close();
    expect((await off).code).toBe(0);
    expect(isOff(join(folder, '.sandtune'), 'x')).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)('sandtune off says in one line that a ledger is read-only', async () => {
    const folder = await ledgerFolder();
    chmodSync(join(folder, '.sandtune/ledger.sqlite'), 0o444);
    const { code, stderr } = await sandtune(folder, ['off']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sandtune: store .*readonly.*\n$/);
  });
});

describe('sandtune on', () => {
  it('sandtune on takes the switch back', async () => {
    const folder = await ledgerFolder();
    await sandtune(folder, ['off']);
    const { code, stdout } = await sandtune(folder, ['on']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^on: the next start may tune any executor/);
    expect(isOff(join(folder, '.sandtune'), 'anything')).toBe(false);
  });

  it('sandtune on fails and says so when an executor stays off because everything is', async () => {
    const folder = await ledgerFolder();
    await sandtune(folder, ['off']);
    const { code, stderr } = await sandtune(folder, ['on', '--executor', 'one']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/'one' stays off/);
    expect(isOff(join(folder, '.sandtune'), 'one')).toBe(true);
  });

  it('sandtune on says that nothing was switched off where no ledger is, and makes none', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await sandtune(folder, ['on']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/nothing was switched off, there is no ledger/);
    expect(existsSync(join(folder, '.sandtune'))).toBe(false);
  });
});
