/**
 * Every state of a stream met with everything that may happen to it. Each cell of the tables has a name and the end that
 * is documented: exactly one, of one kind, with no rejection that nobody handles, `return()` called down the chain,
 * each end closed once, the checkpoint behind the contiguous prefix, and nothing held afterwards by anybody. That a leak
 * would be found is shown with one that is planted.
 */
import { tmpdir } from 'node:os';
import { messageOf } from '../../src/foundation/errors.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { temporaryDirectory } from './disk/temporary-directory.ts';
import type { PartOptions } from './results.ts';
import { atLeast, exactly, type Row } from './rows.ts';
import { allCells, type Cell } from './stream-edges/cells.ts';
import { leaked } from './stream-edges/leaks.ts';
import { visitRun } from './stream-edges/run-cell.ts';
import { Stage } from './stream-edges/stage.ts';

/** Visits of each cell of the tables, with other pauses between the steps; the others are visited once. */
const fullCount = 4;
const sizes = { full: 2 ** 30, less: 2 ** 24 } as const;

export interface VisitedCell {
  readonly name: string;
  readonly group: string;
  readonly visits: number;
  readonly faults: readonly string[];
}

export const streamEdges = {
  fullCount,
  async run({ count, seed, progress }: PartOptions) {
    const stage = new Stage();
    const visited: VisitedCell[] = [];
    for (const cell of allCells) {
      const one = await visit(cell, stage, { count, seed, size: count < fullCount ? sizes.less : sizes.full });
      visited.push(one);
      if (one.faults.length > 0) progress(`${one.name}: ${one.faults.join('; ')}`);
    }
    return { rows: [...cellRows(visited), await plantedRow(stage)], runs: visited };
  },
};

/** All that is wrong with it, from as many visits as it is to have. */
export async function visit(
  cell: Cell,
  stage: Stage,
  { count, seed, size }: { readonly count: number; readonly seed: number; readonly size: number },
): Promise<VisitedCell> {
  const faults = new Set<string>();
  const random = randomStream(seed, cell.name);
  const unhandled = (error: unknown) => void faults.add(`nobody handled ${messageOf(error)}`);
  process.on('unhandledRejection', unhandled);
  const visits = cell.kind === 'alone' ? 1 : count;
  try {
    for (let i = 0; i < visits; i++) {
      if (cell.kind === 'alone') {
        await using folder = await temporaryDirectory(tmpdir());
        for (const fault of await cell.visit(folder.path, size)) faults.add(fault);
      } else {
        const { faults: found, isReached, remains } = await cell.visit(stage, () => Math.floor(6 * random()));
        for (const fault of found) faults.add(fault);
        if (!isReached) faults.add('its state was not reached');
        const left = await leaked(remains);
        if (left > 0) faults.add(`${left} things are still held`);
      }
    }
  } catch (error) {
    faults.add(`threw ${messageOf(error)}`);
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  return { name: cell.name, group: cell.group, visits, faults: [...faults] };
}

/** 1 where a source and a sink that somebody keeps are found as held, by the same test. */
export async function plantedLeak(stage: Stage): Promise<number> {
  const kept: unknown[] = [];
  const { remains } = await visitRun(
    stage,
    'idle',
    'source ends',
    () => 0,
    (scene) => kept.push(scene),
  );
  return (await leaked(remains)) > 0 && kept.length === 1 ? 1 : 0;
}

async function plantedRow(stage: Stage): Promise<Row> {
  return exactly('a leak that is planted is found', await plantedLeak(stage), 1);
}

function cellRows(visited: readonly VisitedCell[]): readonly Row[] {
  const groups = [...new Set(visited.map(({ group }) => group))];
  return [
    atLeast('cells', visited.length, 1),
    exactly('cells that were not visited', visited.filter(({ visits }) => visits === 0).length, 0),
    ...groups.map((group) => {
      const own = visited.filter((one) => one.group === group);
      const right = own.filter(({ faults }) => faults.length === 0).length;
      return exactly(`${group}: of ${own.length} cells as documented`, right, own.length);
    }),
    ...visited
      .filter(({ faults }) => faults.length > 0)
      .map(({ name, faults }) => exactly(`${name}: ${faults.join('; ')}`, faults.length, 0)),
  ];
}
