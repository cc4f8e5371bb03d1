import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { sandtune, sandtuneHere } from './command.ts';

describe('the command line', () => {
  it('sandtune --help prints help on stdout and exits with 0', async () => {
    for (const args of [['--help'], ['report', '--help']]) {
      const { code, stdout, stderr } = await sandtuneHere(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^(sandtune|usage): /);
    }
  });

  it('sandtune --version prints the version of the package', async () => {
    expect(await sandtune(temporaryFolder(), ['--version'])).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

  it('sandtune ends with the code of what it was asked for', async () => {
    const { code, stdout, stderr } = await sandtune(temporaryFolder(), ['tuna']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/no command 'tuna'/);
  });

  it.each([
    ['no command', [], /expected a command[\s\S]*usage/],
    ['an unknown command', ['tuna'], /no command 'tuna'[\s\S]*usage/],
    ['a name every object has', ['constructor'], /no command 'constructor'/],
    ['a misspelt command', ['rport'], /no command 'rport'; did you mean 'report'\?/],
    ['an unknown option', ['report', '--frobnicate'], /report: no option '--frobnicate'; expected --state-dir, --out/],
    ['a misspelt option', ['replay', '--sesion', '3'], /no option '--sesion'; .*; did you mean '--session'\?/],
    ['an option without its value', ['report', '--session', '--json'], /--session: expected a value, got '--json'/],
    ['an option at the end without its value', ['report', '--session'], /--session: expected a value, got none/],
    ['a value that nothing takes', ['doctor', '--json=yes'], /--json: expected no value, got 'yes'/],
    [
      'an option that comes twice',
      ['report', '--session', '1', '--session', '2'],
      /--session: expected once, got twice/,
    ],
    ['an argument that nothing takes', ['replay', '3'], /replay: expected options only, got '3'/],
    ['a misspelt mode', ['tune', 'x.mts', '--mode', 'avdise'], /'avdise'; did you mean 'advise'\?/],
    ['a program without -- before it', ['observe', 'node', 'x.mjs'], /-- node app.mjs, got 'node' before it/],
    ['a config that is not given', ['tune'], /expected one config file, got 0/],
    [
      'seconds that are no number',
      ['tune', 'x.mts', '--seconds', 'soon'],
      /--seconds: expected a number above 0.*'soon'/,
    ],
    ['an unknown mode', ['tune', 'x.mts', '--mode', 'yolo'], /--mode: expected one of off, observe.*'yolo'/],
    ['a session that is no number', ['report', '--session', 'last'], /--session: expected a whole number/],
    ['two formats at once', ['report', '--json', '--markdown'], /got both/],
  ])('the command refuses %s with 2 and says why on stderr', async (_, args, message) => {
    const { code, stdout, stderr } = await sandtuneHere(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
