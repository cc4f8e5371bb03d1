import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isMountRefused, whereNothingCanBeWritten, whyNoMount } from '../../support/read-only-folder.ts';
import { noChangeStory } from '../../support/sample-stories.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { storedLedger } from '../stored/stored-ledger.ts';
import { commandLine } from './command.ts';

it.skipIf(isMountRefused)(
  `a ledger on a read-only file system is reported and replayed${whyNoMount}`,
  async () => {
    const folder = temporaryFolder();
    await storedLedger(join(folder, '.sandtune'), noChangeStory());
    const run = (...args: string[]) => whereNothingCanBeWritten(folder, commandLine(args));
    const printed = run('report', '--json');
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(printed.stdout)).toMatchObject({ session: { session: 4071 }, damage: { faultCount: 0 } });
    // The sample's records do not follow from its events: what counts is that they were read.
    expect(run('replay').stdout).toMatch(/^different in session 4071/);
    const elsewhere = temporaryFolder();
    expect(run('report', '--out', elsewhere)).toMatchObject({ code: 0, stdout: expect.stringContaining(elsewhere) });
  },
  60_000,
);

it.skipIf(isMountRefused)(
  `what would be written on a read-only file system is refused in one line${whyNoMount}`,
  async () => {
    const folder = temporaryFolder();
    await storedLedger(join(folder, '.sandtune'), noChangeStory());
    for (const args of [['report'], ['off'], ['on']]) {
      const { code, stdout, stderr } = whereNothingCanBeWritten(folder, commandLine(args));
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
      expect(stderr).toMatch(/^sandtune: (store |report: )[^\n]*\n$/);
    }
  },
  60_000,
);
