/**
 * The package as a user gets it: built, packed, and installed from its tarball into an empty folder,
 * with the versions of our own lockfile, from npm's cache where it can be (after `npm ci` it can).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

interface LockedPackage {
  readonly version?: string;
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}

export interface InstalledPackage extends Disposable {
  /** The folder of a project whose only dependency is the package. */
  readonly project: string;
  readonly tarball: string;
  readonly tarballBytes: number;
  readonly tarballFiles: readonly string[];
  /** Runs a program with plain Node in the project; returns its stdout. */
  node(...args: readonly string[]): string;
  /** Writes a strict tsconfig.json for one file of the project, and returns its path. */
  configure(file: string): string;
  /** Compiles one file of the project; returns what tsc complains of. */
  compile(file: string): string;
}

/** Takes some 10 s. */
export function installPackage(): InstalledPackage {
  const npm = (cwd: string, ...args: string[]): string => {
    const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
    const { status, stdout, stderr } = spawnSync('npm', [...args, ...flags], { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stdout}${stderr}`);
    return stdout;
  };
  npm(root, 'run', '--silent', 'build');
  const project = mkdtempSync(join(tmpdir(), 'sandtune-package-'));
  const [packed] = packResult(npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', project));
  if (!packed) throw new Error('npm pack said nothing about a tarball');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as LockedPackage & {
    name: string;
    version: string;
  };
  const spec = `file:${packed.filename}`;
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module', dependencies: { [manifest.name]: spec } }),
  );
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(consumerLock(manifest, spec)));
  try {
    npm(project, 'ci', '--offline');
  } catch {
    // The cache was emptied since our own `npm ci`.
    npm(project, 'ci', '--prefer-offline');
  }
  return {
    project,
    tarball: join(project, packed.filename),
    tarballBytes: packed.size,
    tarballFiles: packed.files.map(({ path }) => path),
    configure: (file) => configure(project, file),
    compile: (file) => compile(project, file),
    node: (...args) => execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }),
    [Symbol.dispose]: () => rmSync(project, { recursive: true, force: true }),
  };
}

/** No browser's types and no `skipLibCheck`, by which a program would not be told of a declaration that does not compile. */
function configure(project: string, file: string): string {
  const config = join(project, 'tsconfig.json');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
  return config;
}

function compile(project: string, file: string): string {
  const args = ['-p', configure(project, file)];
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/tsc'), args, { encoding: 'utf8' });
  return status === 0 ? stdout : `${stdout}${stderr}` || `tsc ended with ${status}`;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm 12 gives an object by name, earlier ones a list. */
function packResult(json: string): Packed[] {
  const result = JSON.parse(json) as Packed[] | Record<string, Packed>;
  return Array.isArray(result) ? result : Object.values(result);
}

/** A lockfile for the consumer: the package, and of our own lockfile what it needs at run time. */
function consumerLock(manifest: LockedPackage & { name: string; version: string }, spec: string): object {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const needed: Record<string, LockedPackage> = {};
  const visit = (from: string, one: LockedPackage): void => {
    for (const name of runtimeNames(one)) {
      const key = resolveIn(packages, from, name);
      const found = key === undefined ? undefined : packages[key];
      if (key === undefined || found === undefined || needed[key]) continue;
      const {
        dev: _dev,
        devOptional: _devOptional,
        peer: _peer,
        ...entry
      } = found as LockedPackage & Record<string, unknown>;
      needed[key] = entry;
      visit(key, found);
    }
  };
  visit('', manifest);
  const { version, bin, dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  return {
    name: 'consumer',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'consumer', dependencies: { [manifest.name]: spec } },
      [`node_modules/${manifest.name}`]: {
        version,
        resolved: spec,
        bin,
        dependencies,
        peerDependencies,
        peerDependenciesMeta,
      },
      ...needed,
    },
  };
}

function runtimeNames(one: LockedPackage): string[] {
  const peers = Object.keys(one.peerDependencies ?? {}).filter((name) => !one.peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(one.dependencies ?? {}), ...Object.keys(one.optionalDependencies ?? {}), ...peers];
}

/** Node's resolution over lockfile keys: the nearest node_modules that has it. */
function resolveIn(packages: Record<string, unknown>, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const key = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[key]) return key;
    if (folder === '') return undefined;
  }
}
