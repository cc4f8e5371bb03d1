/**
 * A folder of somebody else's: an empty project in which npm installs the packed package beside other
 * packages, without force, and in which programs, a compiler and bundlers are run.
 */
import { spawn } from 'node:child_process';
import { copyFile, glob, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams, in the order of their coming. */
  readonly output: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = new URL('./programs/', import.meta.url);
/** Of one command. A registry far away takes some minutes for the SDK. */
const longestMs = 600_000;

/** Builds and packs this checkout. @returns the path of the tarball */
export async function pack(into: string): Promise<string> {
  const built = await run('npm', ['run', '--silent', 'build'], root);
  if (built.code !== 0) throw new Error(`npm run build ended with ${built.code}: ${built.output}`);
  const packed = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], root);
  if (packed.code !== 0) throw new Error(`npm pack ended with ${packed.code}: ${packed.output}`);
  return join(into, packed.stdout.trim());
}

export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'sandtune-install-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export class Tree {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async in(parent: string, name: string): Promise<Tree> {
    const tree = new Tree(join(parent, name));
    await mkdir(tree.folder, { recursive: true });
    await tree.write('package.json', JSON.stringify({ name: 'somebody', private: true, type: 'module' }));
    return tree;
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.folder, file), text);
  }

  /** Puts one of the programs beside this file into the tree. @returns its name there */
  async copy(program: string): Promise<string> {
    await copyFile(new URL(program, programs), join(this.folder, basename(program)));
    return basename(program);
  }

  /** Names that are in conflict are an error, as they are for everybody. */
  install(...packages: readonly string[]): Promise<Ended> {
    return this.run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages]);
  }

  node(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.run(process.execPath, args, environment);
  }

  run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return run(command, args, this.folder, environment);
  }

  /** Does something while a package is not there. */
  async without<T>(name: string, act: () => Promise<T>): Promise<T> {
    const [there, aside] = [join(this.folder, 'node_modules', name), join(this.folder, `${name}-aside`)];
    await rename(there, aside);
    try {
      return await act();
    } finally {
      await rename(aside, there);
    }
  }

  /** How often a package is installed, in versions of its own or the same. */
  async copiesOf(name: string): Promise<number> {
    let count = 0;
    for await (const file of glob(`node_modules/**/${name}/package.json`, { cwd: this.folder }))
      if (file.endsWith(`node_modules/${name}/package.json`)) count++;
    return count;
  }
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // What a coverage run or an IDE preloads here is not part of somebody else's program.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(command, args, { cwd, env: { ...env, ...environment }, timeout: longestMs });
    let stdout = '';
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      stdout += text;
      output += text;
    });
    child.stderr.on('data', (text: Buffer) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, output }));
  });
}
