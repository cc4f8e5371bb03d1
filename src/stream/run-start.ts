/**
 * What an earlier run of a job has left, and what becomes of that at a start.
 *
 *   fail-fast: refused where there is something ─▶ fence ─▶ restart: the newest checkpoint that verifies
 *                                                      └─▶ from the beginning: nothing but who may still write
 */
import { createHash } from 'node:crypto';
import { SandtuneError } from '../foundation/errors.ts';
import type { Checkpoint, CheckpointStorage, ListedCheckpoint, SinkPosition } from './contracts.ts';
import type { RunParts, StreamStart } from './run-parts.ts';

export interface FoundRun extends StreamStart {
  readonly checkpoint: Checkpoint | undefined;
  /** Where the output of an earlier run ends, also of one that is not gone on from. */
  readonly earlier: SinkPosition | undefined;
  readonly token: number;
  readonly nextEpoch: number;
}

/** What an earlier run of the job has left, and what becomes of that. */
export async function foundRun(parts: RunParts): Promise<FoundRun> {
  const { options, storage, job } = parts;
  const nothing = {
    checkpoint: undefined,
    earlier: undefined,
    resumedFrom: null,
    quarantined: [],
    isConfigChanged: false,
  };
  if (!storage) return { ...nothing, token: 0, nextEpoch: 1 };
  // A start that is refused must not fence off the run that it is refused for.
  if (options.recovery === 'fail-fast') {
    refuseEarlier(job, await storage.list(job));
    // Throws where there were some that are gone.
    await storage.restore(job);
  }
  const token = await storage.fence(job);
  if (options.recovery !== 'restart-from-checkpoint') {
    const listed = await storage.list(job);
    if (options.recovery === 'fail-fast') refuseEarlier(job, listed);
    return { ...nothing, earlier: await leftBy(storage, job, listed), token, nextEpoch: newestOf(listed) + 1 };
  }
  const { checkpoint, quarantined } = await storage.restore(job);
  return {
    checkpoint,
    earlier: checkpoint?.output,
    resumedFrom: checkpoint?.epoch ?? null,
    quarantined,
    isConfigChanged: checkpoint !== undefined && checkpoint.configVersion !== configVersion(parts),
    token,
    nextEpoch: (checkpoint?.epoch ?? 0) + 1,
  };
}

/** Where an output ends that is not gone on with: who has written it may have it open. */
async function leftBy(
  storage: CheckpointStorage,
  job: string,
  listed: readonly ListedCheckpoint[],
): Promise<SinkPosition | undefined> {
  if (listed.length === 0) return undefined;
  try {
    return (await storage.restore(job)).checkpoint?.output;
  } catch {
    return { kind: 'none' };
  }
}

/** @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT where there are any */
function refuseEarlier(job: string, listed: readonly ListedCheckpoint[]): void {
  if (listed.length === 0) return;
  const message = `job '${job}': expected no checkpoint of an earlier run (recovery: 'fail-fast'), got ${listed.length}, up to epoch ${newestOf(listed)}`;
  throw new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message);
}

function newestOf(listed: readonly ListedCheckpoint[]): number {
  return listed.reduce((most, { epoch }) => Math.max(most, epoch), 0);
}

/** Of what decides what comes out. */
export function configVersion({ options, stages }: RunParts): string {
  const { framing, ordering, delivery, maxRecordBytes, onFailed, version } = options;
  const calls = stages.map(({ name, takes, digest }) => [name, takes, digest]);
  const deciding = [calls, framing?.name, ordering, delivery, maxRecordBytes, onFailed.atLast, version];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16);
}
