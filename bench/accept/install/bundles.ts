/**
 * Programs that are bundled: piscina stays out of them, as its own documents say, and all of sandtune goes
 * in. Run where the package is installed, and from a folder where nothing but piscina is.
 */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exactly, type Row } from '../rows.ts';
import { lastLine, said } from './traces.ts';
import type { Tree } from './tree.ts';

interface Bundler {
  readonly command: readonly string[];
  /** What it makes, in `out`. */
  readonly file: string;
}

const ofEsbuild = ['esbuild', 'bundled.ts', '--bundle', '--platform=node', '--external:piscina'];
const bundlers: Readonly<Record<string, Bundler>> = {
  esbuild: { command: [...ofEsbuild, '--format=esm', '--outfile=out/esbuild.mjs'], file: 'esbuild.mjs' },
  'esbuild to small CommonJS': {
    command: [...ofEsbuild, '--format=cjs', '--minify', '--outfile=out/esbuild.cjs'],
    file: 'esbuild.cjs',
  },
  rollup: { command: ['rollup', '-c', 'rollup.config.mjs'], file: 'rollup.mjs' },
  webpack: { command: ['webpack', '--config', 'webpack.config.mjs'], file: 'webpack.mjs' },
};
/** What `workerUrl` names: a file of its own, whatever bundles the program. */
const workerCommand = [
  'esbuild',
  'sandtune/sandbox-worker',
  '--bundle',
  '--platform=node',
  '--format=esm',
  '--external:piscina',
  '--outfile=out/worker.mjs',
];
const packages = [
  'esbuild',
  'rollup',
  '@rollup/plugin-node-resolve',
  '@rollup/plugin-commonjs',
  '@rollup/plugin-json',
  'webpack',
  'webpack-cli',
];

const rollupConfig = `
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import resolve from '@rollup/plugin-node-resolve';
export default { input: 'bundled.mjs', external: ['piscina'], plugins: [resolve(), commonjs(), json()], output: { file: 'out/rollup.mjs', format: 'es' } };`;
const webpackConfig = `
export default {
  mode: 'production', target: 'node24', entry: './bundled.mjs', experiments: { outputModule: true },
  output: { path: import.meta.dirname + '/out', filename: 'webpack.mjs', library: { type: 'module' }, chunkFormat: 'module' },
  externals: { piscina: 'piscina' }, externalsType: 'module',
};`;

interface Answers {
  readonly ran: number;
  readonly durable: true | string;
  readonly reported: string;
  readonly sandboxed: number | string;
}

/** The package is installed there. */
export async function bundlesIn(tree: Tree): Promise<readonly Row[]> {
  const installed = await tree.install('--save-dev', ...packages);
  if (installed.code !== 0) return [exactly(said('bundlers installed', installed), 0, 1)];
  await tree.copy('bundled.ts');
  await tree.write('twice.mjs', 'export default (n) => n * 2;');
  await tree.write('rollup.config.mjs', rollupConfig);
  await tree.write('webpack.config.mjs', webpackConfig);
  // Neither of the two reads TypeScript by itself.
  const plain = await tree.run('npx', ['esbuild', 'bundled.ts', '--outfile=bundled.mjs', '--format=esm']);
  if (plain.code !== 0) return [exactly(said('the program without types', plain), 0, 1)];
  const worker = await tree.run('npx', [...workerCommand]);
  if (worker.code !== 0) return [exactly(said('a bundle of sandtune/sandbox-worker', worker), 0, 1)];
  const rows: Row[] = [];
  for (const [name, { command, file }] of Object.entries(bundlers)) {
    const bundled = await tree.run('npx', command);
    const complaints = bundled.output.match(/WARNING in .*node_modules\/sandtune\//g) ?? [];
    rows.push(
      exactly(said(`${name}: bundles`, bundled), Number(bundled.code === 0), 1),
      exactly(`${name}: warnings about the package`, complaints.length, 0),
    );
    if (bundled.code === 0) rows.push(...(await runsOf(tree, name, file)));
  }
  return rows;
}

async function runsOf(tree: Tree, name: string, file: string): Promise<readonly Row[]> {
  const twice = join(tree.folder, 'twice.mjs');
  const near = await tree.node([`out/${file}`, twice, `state-${file}`]);
  const { ran, durable, reported, sandboxed } = lastLine<Answers>(near.stdout);
  const isRight = ran === 42 && durable === true && reported === 'pool' && sandboxed === 42;
  const away = join(tree.folder, '..', `deployed-${file}`);
  await mkdir(away, { recursive: true });
  await cp(join(tree.folder, 'out', file), join(away, file));
  await cp(join(tree.folder, 'out/worker.mjs'), join(away, 'worker.mjs'));
  await cp(join(tree.folder, 'node_modules/piscina'), join(away, 'node_modules/piscina'), { recursive: true });
  const command = [join(away, file), twice, join(away, 'state')];
  // webpack puts the path that the package had into the bundle, and on another machine nothing is there.
  const { alone, named } = await tree.without('sandtune', async () => ({
    alone: await tree.node(command),
    named: await tree.node([...command, pathToFileURL(join(away, 'worker.mjs')).href]),
  }));
  const far = lastLine<Answers>(alone.stdout);
  return [
    exactly(said(`${name}: pool, ledger, report and sandbox answer, the package near`, near), Number(isRight), 1),
    exactly(said(`${name}: the pool answers without the package near`, alone), Number(far.ran === 42), 1),
    exactly(
      said(`${name}: the sandbox names workerUrl without the package near`, alone),
      Number(`${far.sandboxed}`.startsWith('workerUrl: ')),
      1,
    ),
    exactly(
      said(`${name}: the sandbox answers with workerUrl, a bundle of sandtune/sandbox-worker`, named),
      Number(lastLine<Answers>(named.stdout).sandboxed === 42),
      1,
    ),
  ];
}
