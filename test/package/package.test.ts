import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { findProgram } from '../support/require-program.ts';
import { type InstalledPackage, installPackage } from './installed-package.ts';
import { type PublicEntry, publicEntries } from './public-types.ts';
import { surfaceProgram } from './surface-program.ts';

const megabyte = 1e6;
/** What is imported by name: the others are files, for bundlers and tools. */
const names = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target !== 'string')
  .map(([subpath]) => manifest.name + subpath.slice(1));
let installed: InstalledPackage;
let entries: readonly PublicEntry[];

beforeAll(() => {
  installed = installPackage();
  writeFileSync(
    join(installed.project, 'consumer.ts'),
    `${names.map((name, index) => `import * as m${index} from '${name}';`).join('\n')}
    import { createSandbox } from 'sandtune';
    export const all: readonly object[] = [${names.map((_, index) => `m${index}`).join()}];
    // @ts-expect-error: options without guests are wrong, so the types are not \`any\`
    void createSandbox({});`,
  );
  const config = installed.configure('consumer.ts');
  entries = publicEntries(config, join(installed.project, 'node_modules', manifest.name), manifest);
}, 600_000);
afterAll(() => installed?.[Symbol.dispose]());

/** Apparent size of a folder. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe('the packed package', () => {
  it('the packed package holds what is built, what README links to, licence and changelog, and no sources or tests', () => {
    const roots = new Set(installed.tarballFiles.map((path) => path.split('/')[0] ?? ''));
    roots.delete('README.md');
    expect([...roots].toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'dist', 'package.json', 'tuner']);
    expect(
      installed.tarballFiles.filter((path) => /(?<!\.d)\.ts$|\.wat$|^dist\/(test|bench|examples)\//.test(path)),
    ).toEqual([]);
  });

  it('the packed package is small: the tarball below 1 MB, all that gets installed without optional peers below 12 MB', () => {
    expect(installed.tarballBytes).toBeLessThan(megabyte);
    expect(bytesOf(join(installed.project, 'node_modules'))).toBeLessThan(12 * megabyte);
    expect(existsSync(join(installed.project, 'node_modules/@opentelemetry/sdk-node'))).toBe(false);
  });

  it('the packed package satisfies publint', async () => {
    const tarball = readFileSync(installed.tarball);
    const { messages } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
    });
    expect(messages.filter(({ type }) => type !== 'suggestion')).toEqual([]);
  });
});

const attw = findProgram('attw', 'npm ci');

describe.skipIf(attw.missing)(`the packed package's types${attw.note}`, () => {
  it('the types of the packed package are found from every entry by whoever imports ES modules, says attw', () => {
    const { status, stdout } = spawnSync(attw.path, [installed.tarball, '--profile', 'esm-only', '--format', 'ascii'], {
      encoding: 'utf8',
    });
    expect({ status, complaint: status === 0 ? '' : stdout }).toEqual({ status: 0, complaint: '' });
    for (const name of names) expect(stdout).toContain(`"${name}"`);
  }, 300_000);
});

describe('the installed package', () => {
  it.each(names.filter((name) => name !== 'sandtune/otlp'))(
    '%s can be imported by name, and required, with the same exports',
    (name) => {
      const program = `const a = Object.keys(await import('${name}')); const b = Object.keys((await import('node:module')).createRequire(import.meta.url)('${name}'));
      console.log(JSON.stringify([a.sort(), b.filter((one) => one !== '__esModule').sort()]))`;
      const [imported, required] = JSON.parse(installed.node('--input-type=module', '--eval', program)) as [
        string[],
        string[],
      ];
      expect(imported.length).toBeGreaterThan(0);
      expect(required).toEqual(imported);
    },
  );

  it('without the optional peers, sandtune/otlp says which packages to install', () => {
    const program = `let code = 'none', message = '';
      try { const otlp = await import('sandtune/otlp'); for (const one of Object.values(otlp)) if (typeof one === 'function' && /^(start|create)/.test(one.name)) await one({}); }
      catch (error) { ({ code, message } = error); }
      console.log(JSON.stringify({ code, message }));`;
    const { code, message } = JSON.parse(installed.node('--input-type=module', '--eval', program)) as Record<
      string,
      string
    >;
    expect(code).toBe('ERR_SANDTUNE_PEER_MISSING');
    expect(message).toMatch(/npm install .*@opentelemetry\/sdk-node/);
  });

  it('the installed package runs a guest: the worker file is found where the build put it', () => {
    // (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    const add = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9,
      1, 7, 0, 32, 0, 32, 1, 106, 11,
    ];
    const program = `import { createSandbox } from 'sandtune';
      const sandbox = await createSandbox({ guests: { sum: { module: Uint8Array.from([${add.join()}]) } }, threads: 1 });
      console.log(await sandbox.function('sum.add')(19, 23)); await sandbox.close();`;
    expect(installed.node('--input-type=module', '--eval', program).trim()).toBe('42');
  });

  it('the installed package keeps a ledger: the file of the thread that writes it is found where the build put it', () => {
    const program = `import { wrap } from 'sandtune';
      import { tune } from 'sandtune/tuner';
      const work = wrap(async (x) => x, { name: 'work' });
      await using tuner = tune(work, { stateDir: './state' });
      await tuner.ledger.durable();
      console.log(tuner.mode);`;
    expect(installed.node('--input-type=module', '--eval', program).trim()).toBe('observe');
  });

  it('the installed package reports a ledger on disk: the file of the thread that reads it is found where the build put it', () => {
    const program = `import { wrap } from 'sandtune';
      import { tune } from 'sandtune/tuner';
      import { replayOf, reportOf } from 'sandtune/exporters';
      const work = wrap(async (x) => x, { name: 'reported' });
      { await using tuner = tune(work, { stateDir: './reported' }); }
      const { data } = await reportOf('./reported', { replay: true });
      const { identical, faults } = await replayOf('./reported');
      console.log(data.title, data.damage.checked, identical, faults.length);`;
    expect(installed.node('--input-type=module', '--eval', program).trim()).toBe('reported true true 0');
    // It starts three threads one after the other, which takes its time on a busy machine.
  }, 60_000);

  it('the installed package has types a strict TypeScript program compiles against', () => {
    expect(installed.compile('consumer.ts')).toBe('');
  });

  it('the installed package exports what surface.ts lists, no more and no less', async () => {
    await expect(surfaceProgram(entries)).toMatchFileSnapshot('./surface.ts');
  });

  it('the installed package compiles with one declaration of each thing that surface.ts lists', () => {
    copyFileSync(new URL('./surface.ts', import.meta.url), join(installed.project, 'surface.ts'));
    expect(installed.compile('surface.ts')).toBe('');
  });

  it.each(names)('the entry %s exports every type its exports speak of, or an entry below it does', (name) => {
    const { exports = [] } = entries.find((entry) => entry.name === name) ?? {};
    expect(exports.length).toBeGreaterThan(0);
    const missing = exports.flatMap((one) => one.missing.map((type) => `${one.name} speaks of ${type}`));
    expect(missing).toEqual([]);
  });

  it('the installed package has the command `sandtune`', () => {
    const command = join(installed.project, 'node_modules/.bin/sandtune');
    const help = execFileSync(command, ['--help'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
    });
    for (const word of ['tune', 'report', 'doctor']) expect(help).toContain(word);
  });
});
