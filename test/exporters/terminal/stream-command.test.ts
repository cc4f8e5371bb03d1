import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { commandLine, started } from './command.ts';
import { upperGuest } from './stream/upper-guest.ts';

let guest: Uint8Array;
beforeAll(async () => {
  guest = await upperGuest();
});

function room(input: string | Uint8Array = '') {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at('m.wasm'), guest);
  writeFileSync(at('in'), input);
  return { folder, at, out: () => readFileSync(at('out'), 'utf8') };
}

const withOptions = (input: string, output: string, ...more: string[]) => [
  'stream',
  '--module',
  'm.wasm',
  '--function',
  'upper',
  '--in',
  input,
  '--out',
  output,
  '--framing',
  'lines',
  ...more,
];

/** With standard input, of which more may come while it runs. */
function piped(folder: string, args: readonly string[]) {
  const [program = '', ...rest] = commandLine(args);
  const child = spawn(program, rest, { cwd: folder, stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (data: Buffer) => {
      texts[name] += data.toString();
    });
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }));
  return { child, ended };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5);
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const manyLines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');
const digest = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

describe('sandtune stream', () => {
  it('takes the records of a file into another, says what it did, and shows no bar where there is no terminal', async () => {
    const { folder, out } = room('one\n\n-none\ntwo');
    const { code, stdout, stderr } = await started(folder, withOptions('in', 'out')).ended;
    expect({ code, stderr, out: out() }).toEqual({ code: 0, stderr: '', out: 'ONE\n\nTWO\n' });
    expect(stdout).toMatch(/^records {6}4 in, 4 done\nbytes.*\ntime.*\nin flight.*\nstage.*\ncheckpoints/);
  });

  it('stands in a pipe, with the summary on stderr', async () => {
    const { folder } = room();
    const { child, ended } = piped(folder, withOptions('-', '-', '--json'));
    child.stdin.end('a\nb\n');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'A\nB\n' });
    expect(JSON.parse(stderr)).toMatchObject({ exitCode: 0, read: 2, delivered: 2 });
  });

  it.each(['/dev/stdout', 'out'])(
    'keeps its summary out of a file that standard output writes to: %s',
    async (name) => {
      const { folder, at, out } = room(manyLines(2000));
      const file = openSync(at('out'), 'w');
      const [program = '', ...rest] = commandLine(withOptions('in', name));
      const child = spawn(program, rest, { cwd: folder, stdio: ['ignore', file, 'pipe'] });
      closeSync(file);
      let stderr = '';
      child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
      const [code] = await once(child, 'close');
      expect({ code, isWhole: out() === manyLines(2000).toUpperCase() }).toEqual({ code: 0, isWhole: true });
      expect(stderr).toMatch(/^records {6}2,000 in, 2,000 done/);
    },
  );

  it.each([
    ['its summary', 'out'],
    ['its results', '-'],
  ])('says that there is no room for %s', async (_, output) => {
    const { folder } = room('one\n');
    const full = openSync('/dev/full', 'w');
    const [program = '', ...rest] = commandLine(withOptions('in', output));
    const child = spawn(program, rest, { cwd: folder, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^sandtune: standard output: expected to be written, got: .*ENOSPC.*\n$/),
    });
  });

  it('ends in silence when whoever reads its output has enough', async () => {
    const { folder, at } = room(manyLines(400_000));
    const { child, ended } = piped(folder, withOptions('in', '-'));
    child.stdout.once('data', () => child.stdout.destroy());
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(at('.sandtune'))).toBe(false);
  });

  it('ends with a checkpoint and 130 when it is interrupted, and goes on to the same bytes, of standard input', async () => {
    const { folder, at, out } = room();
    const text = manyLines(60_000);
    const first = piped(folder, withOptions('-', 'out'));
    first.child.stdin.write(text.slice(0, 200_000));
    await until(() => sizeOf(at('out')) > 100_000);
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted; [\d,]{5,} records are in out for good; --resume goes on there/);
    const second = piped(folder, withOptions('-', 'out', '--resume', '--json'));
    second.child.stdin.end(text);
    const { code: last, stdout } = await second.ended;
    expect(last).toBe(0);
    expect(JSON.parse(stdout).read).toBeLessThan(60_000 - 10_000);
    expect(digest(out())).toBe(digest(text.toUpperCase()));
    const other = piped(folder, withOptions('-', 'out', '--resume'));
    other.child.stdin.end(`another ${text}`);
    expect(await other.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/standard input: expected the same bytes as before/),
    });
  });

  it('goes on to the same bytes after it was killed, of a file, with a guest that keeps state', async () => {
    const lines = 300_000;
    const { folder, at, out } = room(manyLines(lines));
    const args = withOptions('in', 'out', '--stateful');
    args[args.indexOf('upper')] = 'count';
    const first = started(folder, args);
    await until(() => sizeOf(at('out')) > 900_000);
    first.child.kill('SIGKILL');
    await first.ended;
    const { code, stderr } = await started(folder, [...args, '--resume']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const counted = Array.from({ length: lines }, (_, i) => `${String(i + 1).padStart(8, '0')}\n`).join('');
    expect(digest(out())).toBe(digest(counted));
  });

  it('tells a record that fails, from which a run goes on that leaves such records out, or refuses to', async () => {
    const { folder, out } = room('a\n!b\nc\n');
    const failed = await started(folder, withOptions('in', 'out')).ended;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /[01] records? (is|are) in out for good[\s\S]*partition 0, record 1: expected a result/,
    );
    const other = await started(folder, withOptions('in', 'out', '--resume', '--on-failed', 'skip')).ended;
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected --on-failed as before \(fail\), got skip/),
    });
    const { folder: again, out: outAgain } = room('a\n!b\nc\n');
    const skipped = await started(again, withOptions('in', 'out', '--on-failed', 'skip')).ended;
    expect(skipped.stdout).toMatch(/3 in, 2 done, 1 skipped/);
    // What was ahead of it may have been on its way.
    expect(['', 'A\n']).toContain(out());
    expect(outAgain()).toBe('A\nC\n');
  });

  it('goes on only with an output that is its own', async () => {
    const { folder, at } = room('a\n');
    writeFileSync(at('out'), 'A\n');
    const without = await started(folder, withOptions('in', 'out')).ended;
    expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/expected a new or an empty file/) });
    const foreign = await started(folder, withOptions('in', 'out', '--resume')).ended;
    expect(foreign).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/found none in database .*checkpoints\.sqlite/),
    });
    await started(folder, withOptions('in', 'own')).ended;
    appendFileSync(at('in'), 'b\n');
    expect((await started(folder, withOptions('in', 'own', '--resume')).ended).code).toBe(0);
    expect(readFileSync(at('own'), 'utf8')).toBe('A\nB\n');
    renameSync(at('out'), at('own'));
    const replaced = await started(folder, withOptions('in', 'own', '--resume')).ended;
    expect(replaced).toMatchObject({ code: 1, stderr: expect.stringMatching(/own: expected the file/) });
    expect(readFileSync(at('own'), 'utf8')).toBe('A\n');
  });
});
