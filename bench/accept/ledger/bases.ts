/**
 * Ledgers as real sessions leave them, to be damaged: in every mode, switched on and off, of a process that
 * ended in order and of one that was killed, whose log is not written back.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '../../../tuner/ledger.ts';
import type { Mode } from '../../../tuner/options.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { manualTime } from '../../worlds/manual-time.ts';
import { createWorld } from '../../worlds/simulated.ts';

export interface Base {
  readonly name: string;
  readonly stateDir: string;
  readonly isOff: boolean;
}

export const fileName = 'ledger.sqlite';
/** What a killed process leaves: the log has no index until somebody opens it. */
const parts = [fileName, `${fileName}-wal`];

export async function makeBases(root: string): Promise<readonly Base[]> {
  const bases: Base[] = [];
  for (const mode of ['auto', 'observe'] as const)
    for (const isOff of [false, true]) {
      const name = `${mode}, ${isOff ? 'switched off' : 'on'}`;
      bases.push({ name, stateDir: await leftBehind(join(root, name), mode, isOff), isOff });
    }
  const killed = join(root, 'killed');
  await leftBehind(join(root, 'to be killed'), 'auto', true, (stateDir) => copyLedger(stateDir, killed));
  return [...bases, { name: 'killed, switched off', stateDir: killed, isOff: true }];
}

export function copyLedger(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const part of parts) if (existsSync(join(from, part))) copyFileSync(join(from, part), join(to, part));
}

/** A tuner over a simulated world, in time that passes at once. */
export function tunedFrom(stateDir: string, mode: Mode): Tuner {
  const world = createWorld(
    {
      name: 'pool',
      knobs: [{ id: 'size', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ size }) => ({ perSecond: Number(size) >= 8 ? 15_000 : 10_000 }),
      noise: { sigma: 0.01 },
    },
    1,
  );
  const { surroundings } = manualTime(world);
  return tune(world.executor, {
    mode,
    stateDir,
    surroundings,
    persist: true,
    maximize: 'throughput',
    subjectTo: ['errors < 5%'],
    seed: 7,
    expert: { windowMs: 100, baselineWindows: 8, noisePairs: 6, restMs: 10_000 },
  });
}

/** Two sessions, one after the other; `meanwhile` sees the folder before the second one has ended. */
async function leftBehind(
  stateDir: string,
  mode: Mode,
  isOff: boolean,
  meanwhile: (stateDir: string) => void = () => {},
): Promise<string> {
  for (let session = 0; session < 2; session++) {
    const tuner = tunedFrom(stateDir, mode);
    if (mode === 'auto') for (const size of [8, 2]) await tuner.propose({ size });
    else await tuner.settled();
    await tuner.stop();
    if (session === 1 && isOff) {
      await using switching = openLedger({ stateDir, executor: '*' });
      switching.setOff(true);
      await switching.durable();
    }
    if (session === 1) meanwhile(stateDir);
    await tuner[Symbol.asyncDispose]();
  }
  return stateDir;
}
