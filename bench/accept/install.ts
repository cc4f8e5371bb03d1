/**
 * The packed package in trees of other people: beside older and newer OpenTelemetry and one that runs
 * already, under other compilers, in bundles, and on a Node that is too old. npm gets every package from
 * its registry, so this part needs a network.
 */
import { join } from 'node:path';
import { bundlesIn } from './install/bundles.ts';
import { entries, said, tracesIn, trees } from './install/traces.ts';
import { pack, Tree, temporaryFolder } from './install/tree.ts';
import { typesIn } from './install/types.ts';
import type { PartOptions } from './results.ts';
import { exactly, type Row } from './rows.ts';

/** The last Node without SQLite that gets fixes. */
const oldNode = 'node@20';

export const install = {
  fullCount: 1,
  async run({ progress }: PartOptions) {
    await using parent = await temporaryFolder();
    const tarball = await pack(parent.path);
    const rows: Row[] = [];
    const add = (more: readonly Row[]) => {
      rows.push(...more);
      for (const { name, passed } of more) progress(`${passed === false ? 'FAILED' : 'passed'} ${name}`);
    };
    for (const [index, beside] of trees.entries()) {
      const tree = await Tree.in(parent.path, `tree-${index}`);
      const installed = await tree.install(tarball, ...beside.packages);
      add([exactly(said(`${beside.name}: npm installs it`, installed), Number(installed.code === 0), 1)]);
      if (installed.code === 0) add(await tracesIn(tree, beside));
    }
    const tools = await Tree.in(parent.path, 'tools');
    await tools.install(tarball);
    add(await typesIn(tools));
    add(await bundlesIn(tools));
    add(await oldNodeIn(tools));
    return { rows, runs: [] };
  },
};

/** What is too old says so, from every entry. */
async function oldNodeIn(tree: Tree): Promise<readonly Row[]> {
  const installed = await tree.install('--save-dev', oldNode);
  if (installed.code !== 0) return [exactly(said(`${oldNode} installed`, installed), 0, 1)];
  const program = `Promise.all(${JSON.stringify(entries)}.map((entry) => import(entry).then(() => '', (error) => error.message)))
    .then((ends) => console.log(JSON.stringify(ends)))`;
  const ran = await tree.run(join(tree.folder, 'node_modules/.bin/node'), ['--eval', program]);
  const ends = ran.code === 0 ? (JSON.parse(ran.stdout) as string[]) : [];
  const sentences = ends.filter((one) => /^sandtune needs Node \d+ or newer; this is v20\./.test(one));
  return [
    exactly(said(`${oldNode}: entries that say in a sentence what they need`, ran), sentences.length, entries.length),
  ];
}
