/**
 * The packed package in trees of other people: beside older and newer OpenTelemetry and one that runs
 * already, under other compilers, in bundles, and on a Node that is too old. npm gets every package from
 * its registry, so this part needs a network.
 */
import { bundlesIn } from './install/bundles.ts';
import { oldestSupported, refusedBy, supportedBy, tooOld } from './install/nodes.ts';
import { said, tracesIn, trees } from './install/traces.ts';
import { pack, Tree, temporaryFolder } from './install/tree.ts';
import { typesIn } from './install/types.ts';
import type { PartOptions } from './results.ts';
import { exactly, type Row } from './rows.ts';

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
    for (const version of tooOld) add(await refusedBy(tools, version));
    add(await supportedBy(tools, oldestSupported));
    return { rows, runs: [] };
  },
};
