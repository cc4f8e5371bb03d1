/** Runs laps, one after the other, as they are asked for: the thread behind laps.ts. */
import { parentPort } from 'node:worker_threads';
import { isSandtuneError, messageOf } from '../../src/foundation/errors.ts';
import { lap } from './lap.ts';
import type { LapAnswer, LapJob } from './laps.ts';
import type { Peer } from './peer.ts';
import { openOptuna, optuna, optunaName } from './peers/optuna.ts';
import { peers } from './peers/peers.ts';
import type { PythonProgram } from './peers/python.ts';
import { type WorldSource, worldSource } from './world-source.ts';

const sources = new Map<string, Promise<WorldSource>>();
let program: PythonProgram | null = null;

parentPort?.on('message', (job: LapJob | 'end') => {
  if (job === 'end') void end();
  else void answerOf(job).then((answer) => parentPort?.postMessage(answer));
});

async function answerOf({ world, seed, forMs, rules, python }: LapJob): Promise<LapAnswer> {
  try {
    let source = sources.get(world);
    if (!source) sources.set(world, (source = worldSource(world)));
    const asked: Peer[] = peers.filter(({ name }) => rules.includes(name));
    if (python !== null && rules.includes(optunaName)) {
      program ??= openOptuna(python);
      asked.push(optuna((question) => program?.ask(question) ?? Promise.reject(new Error('Optuna was ended'))));
    }
    return { lap: await lap(await source, { seed, forMs, peers: asked }) };
  } catch (error) {
    return { error: { message: messageOf(error), code: isSandtuneError(error) ? error.code : null } };
  }
}

async function end(): Promise<void> {
  await program?.[Symbol.asyncDispose]();
  parentPort?.close();
}
