import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../bench/options.ts';

const catalogue = { core: ['throughput', 'wrap'], tuner: ['decisions'] };
const parse = (...args: string[]) => parseCommand(args, catalogue);

describe('npm run bench', () => {
  it('npm run bench lists without arguments, and runs a suite or one of its groups in full unless another length is asked for', () => {
    expect(parse()).toEqual({ kind: 'list' });
    expect(parse('core')).toMatchObject({ suite: 'core', group: null, length: 'full', seed: 1, judge: false });
    expect(parse('core.wrap', '--long', '--judge', '--seed', '7')).toMatchObject({
      suite: 'core',
      group: 'wrap',
      length: 'long',
      seed: 7,
      judge: true,
    });
  });

  it.each([
    [['cores'], "suite: expected one of 'list', 'core', 'tuner', got \"cores\""],
    [['core.wraps'], "group of core: expected one of 'throughput', 'wrap', got \"wraps\""],
    [['core.wrap.more'], 'got "wrap.more"'],
    [['core', 'tuner'], 'expected one suite or one of its groups, got "core tuner"'],
    [['core', '--quick', '--long'], 'expected --quick or --long'],
    [['core', '--quick', '--judge'], 'the targets of a quick one are a hint'],
    [['core', '--seed', '1.5'], '--seed: expected an integer of at least 0, got 1.5'],
    [['core', '--seed', ''], '--seed: expected an integer of at least 0, got ""'],
    [['core', '--seed=-1'], 'of at least 0, got -1'],
    [['core', '--json', '/nowhere/at/all.json'], 'expected a file in a folder that exists'],
    [['core', '--json', '/tmp'], 'expected a file, got "/tmp"'],
    [['core', '--fast'], '--fast'],
  ])('npm run bench refuses %j before anything is measured', (args, message) => {
    expect(() => parse(...args)).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('npm run bench says what it refuses in one line and ends with exit code 2', async () => {
    const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
    const ended = promisify(execFile)(process.execPath, ['--conditions=sandtune-source', main, 'nothing-such']);
    await expect(ended).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^suite: .*\n$/) });
  });
});
