/** Where a world comes from: a name of the catalogue, or a file that somebody wrote. */
import { basename } from 'node:path';
import type { GoalWords } from '../../tuner/goal.ts';
import { isWorldName, makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { loadWorld } from '../worlds/load-world.ts';
import type { World } from '../worlds/world.ts';

export interface WorldSource {
  /** The names of its figures begin with it. */
  readonly id: string;
  readonly make: (seed: number) => World;
  /** What its owner would ask of `tune()`. */
  readonly goal: (world: World) => GoalWords;
}

/** @throws {SandtuneError} for a name that is not there, or a file that gives no world */
export async function worldSource(name: string): Promise<WorldSource> {
  if (isWorldName(name)) {
    const world = worldNamed(name);
    return { id: world.name, make: (seed) => makeWorld(world, seed), goal: () => world.goal };
  }
  return { id: idOf(name), make: await loadWorld(name), goal: usualGoal };
}

/** Of a file nothing is known but its load. */
function usualGoal({ executor }: World): GoalWords {
  return executor.load === 'open' ? { minimize: 'mean' } : { maximize: 'throughput' };
}

function idOf(file: string): string {
  const id = basename(file)
    .replace(/\.[cm]?[jt]s$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return id === '' ? 'world' : id;
}
