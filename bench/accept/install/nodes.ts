/** The package on other versions of Node: one that is too old is told so in a sentence, the oldest that is not runs all of it. */
import { join } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import { exactly, type Row } from '../rows.ts';
import { entries, lastLine, said } from './traces.ts';
import type { Ended, Tree } from './tree.ts';

/** The last of their lines: without SQLite, and with. */
export const tooOld = ['20', '22'] as const;
export const oldestSupported = `${manifest.engines.node.slice(2)}.0.0`;

const sentence = /^sandtune needs Node \d+ or newer; this is v2[02]\./;

/** The package is installed there. */
export async function refusedBy(tree: Tree, version: string): Promise<readonly Row[]> {
  const { installed, node } = await installedNode(tree, version);
  if (installed.code !== 0) return [exactly(said(`Node ${version} installed`, installed), 0, 1)];
  const loading = (how: string) => `Promise.all(${JSON.stringify(entries)}.map((entry) =>
    ${how}.then(() => '', (error) => error.message))).then((ends) => console.log(JSON.stringify(ends)))`;
  const imported = await node('--eval', loading('import(entry)'));
  const required = await node('--eval', loading('Promise.resolve().then(() => require(entry))'));
  const command = await node('node_modules/sandtune/dist/exporters/terminal/main.js', 'report');
  const count = (ran: Ended) =>
    (lastLine<string[]>(ran.stdout) as string[]).filter?.((one) => sentence.test(one)).length;
  return [
    exactly(
      said(`Node ${version}: entries that say what they need when imported`, imported),
      count(imported) ?? 0,
      entries.length,
    ),
    exactly(
      said(`Node ${version}: entries that say what they need when required`, required),
      count(required) ?? 0,
      entries.length,
    ),
    exactly(
      `Node ${version}: the command says what it needs in one line`,
      Number(/^sandtune: Node v\S+ is too old: expected .*\n$/.test(command.output)),
      1,
    ),
  ];
}

/** The package is installed there, and the program that is bundled elsewhere. */
export async function supportedBy(tree: Tree, version: string): Promise<readonly Row[]> {
  const { installed, node } = await installedNode(tree, version);
  if (installed.code !== 0) return [exactly(said(`Node ${version} installed`, installed), 0, 1)];
  const ran = await node(await tree.copy('bundled.ts'), join(tree.folder, 'twice.mjs'), 'state-of-oldest-node');
  const answers = JSON.stringify(lastLine(ran.stdout));
  return [
    exactly(
      said(`Node ${version}: pool, ledger, report and sandbox answer`, ran),
      Number(answers === JSON.stringify({ ran: 42, durable: true, reported: 'pool', sandboxed: 42 })),
      1,
    ),
  ];
}

async function installedNode(tree: Tree, version: string) {
  // The program alone: the package `node` would install it by a script, which npm may not allow.
  const name = `node-${process.platform}-${process.arch}`;
  const installed = await tree.install('--save-dev', '--force', `node-${version}@npm:${name}@${version}`);
  const program = join(tree.folder, 'node_modules', `node-${version}`, 'bin/node');
  return { installed, node: (...args: readonly string[]) => tree.run(program, args) };
}
