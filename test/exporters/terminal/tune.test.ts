import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { replay } from '../../../tuner/replay.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { sandtune, smallConfig, started } from './command.ts';

function environmentOf(folder: string): NodeJS.ProcessEnv {
  return { STATE_DIR: join(folder, 'state'), SETTINGS_FILE: join(folder, 'settings.json') };
}

/** Entries of the ledger so far; empty while there is none. */
function entriesIn(folder: string): readonly Entry[] {
  if (!existsSync(join(folder, 'state/ledger.sqlite'))) return [];
  using ledger = openLedger({ stateDir: join(folder, 'state'), executor: 'small' });
  return [...ledger.read()];
}

const inTrial = (entry: Entry) =>
  entry.kind === 'record' && entry.record.kind === 'intent' && entry.record.purpose === 'trial';

describe('sandtune tune', () => {
  it('sandtune tune gives the result as JSON alone on stdout and nothing on stderr', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await sandtune(folder, ['tune', smallConfig, '--json'], environmentOf(folder));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ schemaVersion: 1, ended: 'settled', mode: 'observe', replayIdentical: true });
    const { offered, outcomes, inFlight } = result.report.accounting;
    expect(offered).toBeGreaterThan(0);
    expect({ ok: outcomes.ok, inFlight }).toEqual({ ok: offered, inFlight: 0 });
    for (const file of Object.values<string>(result.reportFiles)) expect(existsSync(file)).toBe(true);
  });

  it('sandtune tune restores the settings on Ctrl-C inside a trial, writes the report and exits with 130', async () => {
    const folder = temporaryFolder();
    const { child, ended } = started(folder, ['tune', smallConfig, '--mode', 'auto', '--json'], environmentOf(folder));
    while (!entriesIn(folder).some(inTrial) && child.exitCode === null) await sleep(50);
    await sleep(150);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted by SIGINT; settings are back on the anchor \(concurrency 4\)/);
    expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))).toEqual({ concurrency: 4 });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ ended: 'interrupted', replayIdentical: true });
    expect(result.report.accounting).toMatchObject({ inFlight: 0, difference: 0 });
    expect(readFileSync(result.reportFiles.html, 'utf8')).toContain('</html>');
    const entries = entriesIn(folder);
    expect(
      entries.some(
        (one) => one.kind === 'record' && one.record.kind === 'decision' && one.record.trigger === 'interrupted',
      ),
    ).toBe(true);
    using ledger = openLedger({ stateDir: join(folder, 'state'), executor: 'small' });
    expect(replay(ledger).identical).toBe(true);
  });

  it('sandtune tune writes its report to the end when a signal comes after the run is over', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'late-signal.mts');
    writeFileSync(
      config,
      `import config from ${JSON.stringify(smallConfig)};
const close = config.executor.close.bind(config.executor);
// Closing the executor is the last thing of a run.
config.executor.close = async () => { await close(); setImmediate(() => process.kill(process.pid, 'SIGTERM')); };
export default config;`,
    );
    const args = ['tune', config, '--seconds', '0.5', '--json'];
    const { code, stdout, stderr } = await sandtune(folder, args, environmentOf(folder));
    expect(stderr).toContain('interrupting');
    const result = JSON.parse(stdout);
    expect({ code, ended: result.ended }).toEqual({ code: 0, ended: 'time up' });
    expect(readFileSync(result.reportFiles.html, 'utf8')).toContain('</html>');
  });

  it('sandtune tune exits at once on a second Ctrl-C, also while a load does not end', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'stubborn.mts');
    writeFileSync(
      config,
      `import config from ${JSON.stringify(smallConfig)};\nexport default { ...config, load: () => new Promise(() => { console.error('loading'); }) };`,
    );
    const { child, ended } = started(folder, ['tune', config], environmentOf(folder));
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => {
      if (stderr === '') child.kill('SIGINT');
      stderr += data.toString();
      if (stderr.includes('interrupting')) child.kill('SIGINT');
    });
    const { code, stdout } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });

  it('sandtune tune ends on one Ctrl-C though neither its load nor its executor ever ends, and says so', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'hanging.mts');
    const never = 'new Promise(() => {})';
    writeFileSync(
      config,
      `import config from ${JSON.stringify(smallConfig)};
config.executor.close = () => ${never};
export default { ...config, load: (run, signal) => (config.load(run, new AbortController().signal), ${never}) };`,
    );
    const { child, ended } = started(folder, ['tune', config, '--json'], environmentOf(folder));
    while (entriesIn(folder).length < 3 && child.exitCode === null) await sleep(50);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    for (const what of ['the load', 'close() of the executor'])
      expect(stderr).toContain(`not waited for: ${what} took too long`);
    expect(JSON.parse(stdout)).toMatchObject({ ended: 'interrupted' });
  });

  it('sandtune tune keeps its ledger in the folder of --state-dir, whatever the config says', async () => {
    const folder = temporaryFolder();
    const args = ['tune', smallConfig, '--seconds', '0.5', '--state-dir', join(folder, 'elsewhere')];
    const { code, stderr } = await sandtune(folder, args, environmentOf(folder));
    expect(code).toBe(0);
    // Without --json its progress is told line by line where stderr is no terminal.
    expect(stderr).toMatch(/^ +goal {2}/m);
    expect(stderr).not.toContain('\u001b');
    expect(existsSync(join(folder, 'elsewhere/ledger.sqlite'))).toBe(true);
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  it('sandtune tune ends when the time is up', async () => {
    const folder = temporaryFolder();
    const args = ['tune', smallConfig, '--mode', 'auto', '--seconds', '0.5', '--json'];
    const { code, stdout } = await sandtune(folder, args, environmentOf(folder));
    expect({ code, ended: JSON.parse(stdout).ended }).toEqual({ code: 0, ended: 'time up' });
  });

  // A trial is proven first, which takes as long as the machine lets it.
  it('sandtune tune says no in mode confirm when there is no terminal to ask on', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const { child, ended } = started(
      folder,
      ['tune', smallConfig, '--mode', 'confirm', '--json'],
      environmentOf(folder),
    );
    const declined = (one: Entry) =>
      one.kind === 'record' && one.record.kind === 'decision' && one.record.trigger === 'declined';
    while (!entriesIn(folder).some(declined) && child.exitCode === null) await sleep(100);
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    // It may have settled by itself just before the signal came.
    expect(code).toBe(JSON.parse(stdout).ended === 'settled' ? 0 : 130);
    const entries = entriesIn(folder);
    expect(entries.some(declined)).toBe(true);
    expect(
      entries.some((one) => one.kind === 'remark' && one.remark.kind === 'note' && one.remark.code === 'nobody-to-ask'),
    ).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))).toEqual({ concurrency: 4 });
  });

  it('sandtune tune tunes nothing when switched off, and says so', async () => {
    const folder = temporaryFolder();
    const { code, stderr } = await sandtune(folder, ['tune', smallConfig], {
      ...environmentOf(folder),
      SANDTUNE_MODE: 'off',
    });
    expect(code).toBe(1);
    expect(stderr).toContain("SANDTUNE_MODE is 'off'");
    expect(stderr).not.toContain('sandtune on');
  });

  it('sandtune tune that is switched off in the ledger names the line that switches it on', async () => {
    const folder = temporaryFolder();
    const environment = environmentOf(folder);
    const stateDir = join(folder, 'state');
    await using ledger = openLedger({ stateDir, executor: '*' });
    ledger.setOff(true);
    await ledger.durable();
    const { code, stderr } = await sandtune(folder, ['tune', smallConfig], environment);
    expect(code).toBe(1);
    expect(stderr).toContain(`sandtune on --state-dir '${stateDir}'`);
    expect(stderr).not.toContain('SANDTUNE_MODE');
  });

  it('sandtune tune fails when the load fails, with the settings restored and the report written', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'bad-load.mts');
    writeFileSync(
      config,
      `import config from ${JSON.stringify(smallConfig)};\nexport default { ...config, load: async () => { throw new Error('no more input'); } };`,
    );
    const { code, stderr } = await sandtune(folder, ['tune', config], environmentOf(folder));
    expect(code).toBe(1);
    expect(stderr).toContain('the load failed: no more input');
    expect(existsSync(join(folder, 'state/report/report.html'))).toBe(true);
  });
});
