import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type InstalledPackage, installPackage } from './installed-package.ts';

const megabyte = 1e6;
let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
}, 120_000);
afterAll(() => installed?.[Symbol.dispose]());

/** Apparent size of a folder. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe('the packed package', () => {
  it('holds what is built, what README links to, licence and changelog, and no sources or tests', () => {
    const roots = new Set(installed.tarballFiles.map((path) => path.split('/')[0] ?? ''));
    roots.delete('README.md');
    expect([...roots].toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'dist', 'package.json', 'tuner']);
    expect(
      installed.tarballFiles.filter((path) => /(?<!\.d)\.ts$|\.wat$|^dist\/(test|bench|examples)\//.test(path)),
    ).toEqual([]);
  });

  it('is small: the tarball below 1 MB, all that gets installed without optional peers below 12 MB', () => {
    expect(installed.tarballBytes).toBeLessThan(megabyte);
    expect(bytesOf(join(installed.project, 'node_modules'))).toBeLessThan(12 * megabyte);
    expect(existsSync(join(installed.project, 'node_modules/@opentelemetry/sdk-node'))).toBe(false);
  });

  it('satisfies publint', async () => {
    const tarball = readFileSync(installed.tarball);
    const { messages } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
    });
    expect(messages.filter(({ type }) => type !== 'suggestion')).toEqual([]);
  });
});

describe('the installed package', () => {
  const subpaths = Object.keys(manifest.exports).filter((one) => one !== './package.json' && one !== './otlp');

  it.each(subpaths)('%s can be imported by name, and required, with the same exports', (subpath) => {
    const name = manifest.name + subpath.slice(1);
    const program = `const a = Object.keys(await import('${name}')); const b = Object.keys((await import('node:module')).createRequire(import.meta.url)('${name}'));
      console.log(JSON.stringify([a.sort(), b.filter((one) => one !== '__esModule').sort()]))`;
    const [imported, required] = JSON.parse(installed.node('--input-type=module', '--eval', program)) as [
      string[],
      string[],
    ];
    expect(imported.length).toBeGreaterThan(0);
    expect(required).toEqual(imported);
  });

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

  it('runs a guest: the worker file is found where the build put it', () => {
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

  it('keeps a ledger: the file of the thread that writes it is found where the build put it', () => {
    const program = `import { wrap } from 'sandtune';
      import { tune } from 'sandtune/tuner';
      const work = wrap(async (x) => x, { name: 'work' });
      await using tuner = tune(work, { stateDir: './state' });
      await tuner.ledger.durable();
      console.log(tuner.mode);`;
    expect(installed.node('--input-type=module', '--eval', program).trim()).toBe('observe');
  });

  it('has types a strict TypeScript program compiles against', () => {
    const names = subpaths.map((subpath) => manifest.name + subpath.slice(1));
    writeFileSync(
      join(installed.project, 'consumer.ts'),
      `${names.map((name, index) => `import * as m${index} from '${name}';`).join('\n')}
      import { createSandbox } from 'sandtune';
      export const all: readonly object[] = [${names.map((_, index) => `m${index}`).join()}];
      // @ts-expect-error: options without guests are wrong, so the types are not \`any\`
      void createSandbox({});`,
    );
    const tsc = new URL('../../node_modules/.bin/tsc', import.meta.url).pathname;
    const types = new URL('../../node_modules/@types', import.meta.url).pathname;
    const flags = [
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,esnext.disposable,dom',
    ];
    const run = (): string => {
      try {
        return execFileSync(tsc, [...flags, '--types', 'node', '--typeRoots', types, 'consumer.ts'], {
          cwd: installed.project,
          encoding: 'utf8',
        });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(run()).toBe('');
  });

  it('has the command `sandtune`', () => {
    const command = join(installed.project, 'node_modules/.bin/sandtune');
    const help = execFileSync(command, ['--help'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
    });
    for (const word of ['tune', 'report', 'doctor']) expect(help).toContain(word);
  });
});
