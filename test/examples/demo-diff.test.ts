import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLedger } from 'sandtune/tuner';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { patchLines, patchLineText } from '../../exporters/words/patch-lines.ts';
import type { Settings, SettingValue } from '../../src/contracts.ts';
import { fileVersion } from '../../src/executor/made-at.ts';
import { optionText } from '../../src/executor/option-text.ts';
import { inSource } from '../../tuner/patches/in-source.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of the demo within the package, because it imports the package by its name. */
let copy: string;

beforeEach(() => {
  mkdirSync(join(root, '.sandtune'), { recursive: true });
  copy = mkdtempSync(join(root, '.sandtune/demo-'));
  cpSync(join(root, 'examples'), join(copy, 'examples'), { recursive: true });
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** The diff that a report of the demo shows, from the place where it makes its sandbox. */
function diffOfDemo(chosen: Settings): string {
  const file = join(copy, 'examples/demo/story.ts');
  const before = readFileSync(file, 'utf8').split('createSandbox({')[0] ?? '';
  const [line, column] = [before.split('\n').length, (before.split('\n').at(-1) ?? '').length + 1];
  const option = ([name, value]: [string, SettingValue]) => ({
    knob: name,
    patch: {
      before: '',
      after: optionText(name, value),
      options: [{ of: 'createSandbox()', argument: 'first', path: [name], value } as const],
    },
  });
  const patches = inSource(
    { file, line, column, callee: 'createSandbox', version: fileVersion(file), isShared: false },
    Object.entries(chosen).map(option),
  );
  expect(patches).toHaveLength(1);
  return `${patchLines(patches).map(patchLineText).join('\n')}\n`;
}

it('the diff of the demo takes away what it was written with, and sets it where nothing hides it', () => {
  const lines = diffOfDemo({ transport: 'ring' })
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ''));
  expect(lines.filter((line) => /^[-+](?!--|\+\+)/.test(line))).toEqual(["-transport:'either',", "+transport:'ring',"]);
  expect(lines.indexOf("+transport:'ring',")).toBeGreaterThan(lines.indexOf('...options.startAt,'));
});

it('the diff of the demo is taken by git, and the demo then starts on what it sets', async () => {
  writeFileSync(join(copy, 'demo.diff'), diffOfDemo({ threads: 2, batchSize: 48 }));
  const directory = relative(root, copy);
  // The diff names its files from the folder in which the demo ran.
  execFileSync('git', ['apply', join(directory, 'demo.diff')], { cwd: root });
  const out = join(copy, 'out');
  const child = spawn(
    process.execPath,
    ['--conditions=sandtune-source', join(copy, 'examples/demo/main.ts'), '--seconds', '600', '--out', out],
    { cwd: root, stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const started = () => existsSync(join(out, 'ledger.sqlite')) && sessionIn(out);
  while (child.exitCode === null && !started()) await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill('SIGINT');
  await ended;
  expect(sessionIn(out)?.anchor).toMatchObject({ threads: 2, batchSize: 48 });
}, 240_000);

function sessionIn(stateDir: string) {
  using ledger = openLedger({ stateDir, executor: 'demo', readOnly: true });
  for (const entry of ledger.history(['session'], 1)) if (entry.kind === 'session') return entry;
  return null;
}
