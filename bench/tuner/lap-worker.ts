/** Runs laps, one after the other, as they are asked for: the thread behind laps.ts. */
import { lap } from './lap.ts';
import type { LapJob } from './laps.ts';
import type { Peer } from './peer.ts';
import { openOptuna, optuna, optunaName } from './peers/optuna.ts';
import { peers } from './peers/peers.ts';
import type { PythonProgram } from './peers/python.ts';
import { answersJobs } from './threads.ts';
import { type WorldSource, worldSource } from './world-source.ts';

const sources = new Map<string, Promise<WorldSource>>();
let program: PythonProgram | null = null;

answersJobs(
  async ({ world, seed, forMs, rules, python }: LapJob) => {
    let source = sources.get(world);
    if (!source) sources.set(world, (source = worldSource(world)));
    const asked: Peer[] = peers.filter(({ name }) => rules.includes(name));
    if (python !== null && rules.includes(optunaName)) {
      program ??= openOptuna(python);
      asked.push(optuna((question) => program?.ask(question) ?? Promise.reject(new Error('Optuna was ended'))));
    }
    return lap(await source, { seed, forMs, peers: asked });
  },
  async () => {
    await program?.[Symbol.asyncDispose]();
  },
);
