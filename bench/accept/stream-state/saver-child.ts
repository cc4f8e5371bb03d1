/**
 * Saves checkpoints one after the other, as a run does: one that is refused is tried again a few times, then the
 * saver stops with the error. Prints, as JSON, what it was told. Somebody makes the disk fail meanwhile.
 *
 *   KIND FOLDER COUNT
 */
import { join } from 'node:path';
import { CheckpointError, type CheckpointTrouble } from '../../../src/stream/checkpoint/checkpoint-error.ts';
import { databaseCheckpoints, fileCheckpoints } from '../../../src/stream/checkpoint/storage.ts';
import { checkpointOf, databaseName, job } from './job.ts';

export interface Saved {
  /** Epochs of which the saver was told that they are on disk. */
  readonly epochs: readonly number[];
  readonly refusals: readonly CheckpointTrouble[];
  /** What it stopped with; null where it saved all. */
  readonly stoppedBy: CheckpointTrouble | null;
  /** What is no error of ours, or nobody caught. */
  readonly raw: readonly string[];
  /** Longest time that the host's thread was held up, ms. */
  readonly heldUpMs: number;
}

const attempts = 3;
const [kind = '', folder = '', count = '0'] = process.argv.slice(2);
const raw: string[] = [];
process.on('uncaughtException', (error) => raw.push(String(error)));
process.on('unhandledRejection', (error) => raw.push(String(error)));

const storage =
  kind === 'files' ? fileCheckpoints(join(folder, 'files')) : databaseCheckpoints(join(folder, databaseName));
const epochs: number[] = [];
const refusals: CheckpointTrouble[] = [];
let stoppedBy: CheckpointTrouble | null = null;

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  for (let left = attempts; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      refusals.push(error.trouble);
      if (!error.mayHeal || left === 1) throw error;
    }
  }
}

let heldUpMs = 0;
let beatMs = performance.now();
const beat = setInterval(() => {
  const nowMs = performance.now();
  heldUpMs = Math.max(heldUpMs, nowMs - beatMs);
  beatMs = nowMs;
}, 1);
try {
  const token = await attempt(() => storage.fence(job));
  await attempt(() => storage.restore(job));
  // Of what saving takes, and not of starting.
  heldUpMs = 0;
  for (let epoch = 1; epoch <= Number(count); epoch++) {
    await attempt(() => storage.save(checkpointOf(epoch, token, epoch)));
    epochs.push(epoch);
  }
} catch (error) {
  if (error instanceof CheckpointError) stoppedBy = error.trouble;
  else raw.push(String(error));
}
clearInterval(beat);
await storage.close().catch((error: unknown) => raw.push(String(error)));
const saved: Saved = { epochs, refusals, stoppedBy, raw, heldUpMs };
process.stdout.write(JSON.stringify(saved));
