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
    const size = count < fullCount ? sizes.less : sizes.full;
    const visited = await visitAll(allCells, stage, { count, seed, size, progress });
    return { rows: [...cellRows(visited), await plantedRow(stage)], runs: visited };
  },
};

interface VisitOptions extends PartOptions {
  /** Bytes of what is called a record of 1 GiB. */
  readonly size: number;
}

/** In rounds: what is held after a round is looked for once, of all of its cells. */
export async function visitAll(
  cells: readonly Cell[],
  stage: Stage,
  options: VisitOptions,
): Promise<readonly VisitedCell[]> {
  const found = cells.map((cell) => ({ cell, faults: new Set<string>(), visits: 0, remains: [] as WeakRef<object>[] }));
  for (let round = 0; round < options.count; round++) {
    const now = found.filter(({ cell }) => round === 0 || cell.kind === 'table');
    for (const one of now) {
      one.visits++;
      one.remains = await visit(one.cell, stage, options, round, one.faults);
    }
    await leaked(now.flatMap(({ remains }) => remains));
    for (const one of now) {
      const left = one.remains.filter((remain) => remain.deref() !== undefined).length;
      if (left > 0) one.faults.add(`${left} things are still held`);
      if (one.faults.size > 0) options.progress(`${one.cell.name}: ${[...one.faults].join('; ')}`);
    }
    options.progress(`round ${round + 1} of ${options.count}: ${now.length} cells`);
  }
  return found.map(({ cell: { name, group }, faults, visits }) => ({ name, group, visits, faults: [...faults] }));
}

/** @returns what nobody may hold any more */
async function visit(
  cell: Cell,
  stage: Stage,
  { seed, size }: VisitOptions,
  round: number,
  faults: Set<string>,
): Promise<WeakRef<object>[]> {
  const random = randomStream(seed, `${cell.name} ${round}`);
  const unhandled = (error: unknown) => void faults.add(`nobody handled ${messageOf(error)}`);
  process.on('unhandledRejection', unhandled);
  try {
    if (cell.kind === 'alone') {
      await using folder = await temporaryDirectory(tmpdir());
      for (const fault of await cell.visit(folder.path, size)) faults.add(fault);
      return [];
    }
    const visited = await cell.visit(stage, () => Math.floor(6 * random()));
    for (const fault of visited.faults) faults.add(fault);
    if (!visited.isReached) faults.add('its state was not reached');
    return [...visited.remains];
  } catch (error) {
    faults.add(`threw ${messageOf(error)}`);
    return [];
  } finally {
    process.off('unhandledRejection', unhandled);
  }
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
