/**
 * Full trials in simulated worlds: false commits under noise, and harm reverted. And whole runs of the tuner
 * in every world of the catalogue: what must hold of any run holds, and few calls are exposed.
 */
import { acceptWorlds } from '../worlds/acceptance.ts';
import { catalogue, makeWorld } from '../worlds/catalogue/catalogue.ts';
import { type WholeRun, wholeRun } from '../worlds/whole-run.ts';
import type { PartOptions } from './results.ts';
import { atLeast, atMost, exactly, type Row, withoutLimit } from './rows.ts';

/** A whole run takes as long as some hundred trials. */
const trialsOfRun = 500;
const runMs = 600_000;
const mostExposed = 0.05;
/** What these do to a setting is seen by nobody who compares windows, until the tuner watches levels and commits. */
const unseen: readonly string[] = ['harm-late', 'harm-slow-5s', 'harm-slow-20s', 'harm-slow-120s'];
/** The best moves with every window: each setting is below another half of the time, also one that is better in all. */
const toAndFro = 'shift-at-cadence';
const leastOfDefault = 0.98;

export const worlds = {
  fullCount: 1000,
  async run({ count, seed, progress }: PartOptions) {
    progress(`${count} seeds in each world, from ${seed}`);
    const trials = await acceptWorlds(count, seed);
    const runs = Math.max(1, Math.floor(count / trialsOfRun));
    const rows: Row[] = [];
    for (const one of catalogue) {
      progress(`${runs} whole runs in ${one.name}`);
      const told: WholeRun[] = [];
      for (let i = 0; i < runs; i++)
        told.push(await wholeRun(makeWorld(one, seed + i), { goal: one.goal, seed: seed + i, forMs: runMs }));
      for (const { broken } of told) for (const line of broken) progress(`${one.name}: ${line}`);
      rows.push(exactly(`whole runs in ${one.name}: in which something did not hold`, broken(told), 0));
      const exposed = Math.max(...told.map(({ whole }) => whole.exposed));
      const name = `whole runs in ${one.name}: largest share of the time 5 % below the default`;
      const isFree = one.name === toAndFro || unseen.includes(one.name);
      rows.push(isFree ? withoutLimit(name, exposed) : atMost(name, exposed, mostExposed));
      if (one.name === toAndFro) {
        const least = Math.min(...told.map(({ whole }) => whole.ofDefault));
        rows.push(atLeast(`whole runs in ${one.name}: least worth, of the default's`, least, leastOfDefault));
      }
    }
    return { rows: [...trials, ...rows], runs: [] };
  },
};

function broken(runs: readonly WholeRun[]): number {
  return runs.filter((one) => one.broken.length > 0).length;
}
