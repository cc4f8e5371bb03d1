import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../bench/options.ts';

const catalogue = { core: ['throughput', 'wrap'], tuner: ['decisions', 'runs'] };
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
    [['core', '--report', '/tmp/page.html'], '--report: expected it beside tuner, whose runs it shows, got "core"'],
    [['tuner', '--seeds', '0'], '--seeds: expected an integer of at least 1, got 0'],
    [['core', '--json', '/nowhere/at/all.json'], 'expected a file in a folder that exists'],
    [['core', '--json', '/tmp'], 'expected a file, got "/tmp"'],
    [['core', '--fast'], '--fast'],
    [['core', '--world', 'plateau'], '--world: expected it beside tuner or tuner.runs, which run in it, got "core"'],
    [['tuner.decisions', '--world', 'plateau'], '--world: expected it beside tuner or tuner.runs'],
    [['tuner', '--world', ''], '--world: expected'],
  ])('npm run bench refuses %j before anything is measured', (args, message) => {
    expect(() => parse(...args)).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('npm run bench runs in one world, by name or file, where one is given', () => {
    expect(parse('tuner', '--world', 'plateau')).toMatchObject({ suite: 'tuner', group: 'runs', world: 'plateau' });
    expect(parse('tuner.runs', '--world', './mine.mts')).toMatchObject({ group: 'runs', world: './mine.mts' });
    expect(parse('tuner')).toMatchObject({ group: null, world: null, seeds: null });
    expect(parse('tuner', '--world', './mine.mts', '--seeds', '3')).toMatchObject({ seeds: 3 });
  });

  it.each([
    ['no-such-world', /^world: expected one of .*'plateau'.*got "no-such-world"\n$/],
    ['./no/such/world.mts', /^world \/.*no\/such\/world\.mts: could not be loaded/],
  ])('npm run bench refuses the world %s in words, with exit code 2', async (world, stderr) => {
    const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
    const ended = promisify(execFile)(process.execPath, [
      '--conditions=sandtune-source',
      main,
      'tuner',
      '--quick',
      '--world',
      world,
    ]);
    await expect(ended).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) });
  });

  it('npm run bench says what it refuses in one line and ends with exit code 2', async () => {
    const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
    const ended = promisify(execFile)(process.execPath, ['--conditions=sandtune-source', main, 'nothing-such']);
    await expect(ended).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^suite: .*\n$/) });
  });
});
