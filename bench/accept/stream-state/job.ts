/** A job with some checkpoints, of which each restart can be compared with what was saved. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RandomSource } from '../../../src/foundation/random.ts';
import { CheckpointError } from '../../../src/stream/checkpoint/checkpoint-error.ts';
import { databaseRoom } from '../../../src/stream/checkpoint/database-room.ts';
import { fileRoom } from '../../../src/stream/checkpoint/file-room.ts';
import { Keeping } from '../../../src/stream/checkpoint/keeping.ts';
import type { Checkpoint } from '../../../src/stream/contracts.ts';

export type StorageKind = 'files' | 'database';

export const storageKinds: readonly StorageKind[] = ['files', 'database'];
export const job = 'accept';
export const databaseName = 'checkpoints.sqlite';

const pageBytes = 65_536;

/** Its contents follow from its epoch and nothing else, the time aside. */
export function checkpointOf(epoch: number, fencingToken: number, savedAtMs: number): Checkpoint {
  const bytes = new Uint8Array(3 * pageBytes);
  // One page that never changes, one that does each time, one of zeros.
  bytes.fill(1, 0, pageBytes).fill(epoch % 251, pageBytes, 2 * pageBytes);
  return {
    formatVersion: 1,
    job,
    epoch,
    fencingToken,
    savedAtMs,
    input: { position: [{ partition: '0', offset: epoch * 100, at: epoch * 4000 }], sources: [] },
    output: { kind: 'rows', rows: epoch * 100 },
    gaps: [],
    inFlight: [],
    guestStates: [
      {
        instance: 'guest/0',
        memories: [{ name: 'memory', pages: 3, bytes }],
        globals: [{ name: 'n', type: 'i32', value: `${epoch}` }],
        snapshot: null,
      },
    ],
    controller: { lanes: epoch % 4 },
    configVersion: 'accept',
    version: null,
    moduleHash: null,
    metadata: { epoch },
  };
}

function openKeeping(kind: StorageKind, folder: string): Keeping {
  const room = kind === 'files' ? fileRoom(join(folder, 'files')) : databaseRoom(join(folder, databaseName));
  return new Keeping(room, { keep: 3, longestChain: 2, mostStateBytes: 2 ** 30 });
}

/** Saves epochs 1 to `count`. @param clockMs Unix time of each */
export function saveAll(kind: StorageKind, folder: string, count: number, clockMs: (epoch: number) => number): void {
  const keeping = openKeeping(kind, folder);
  const token = keeping.fence(job);
  for (let epoch = 1; epoch <= count; epoch++) keeping.save(checkpointOf(epoch, token, clockMs(epoch)));
  keeping.close();
}

/**
 * newest: the last that was saved, exactly. older: an earlier one, exactly, and what is wrong with the later ones is
 * told. refused: a typed error. silent: anything else.
 */
export type Outcome = 'newest' | 'older' | 'refused' | 'silent';

export interface Restart {
  readonly outcome: Outcome;
  readonly epoch: number | null;
  readonly what: string;
}

export function restart(kind: StorageKind, folder: string, newest: number): Restart {
  const keeping = openKeeping(kind, folder);
  try {
    const { checkpoint, quarantined } = keeping.restore(job);
    if (!checkpoint) return { outcome: 'silent', epoch: null, what: 'began at its beginning' };
    const { epoch, fencingToken, savedAtMs } = checkpoint;
    if (!isSame(checkpoint, checkpointOf(epoch, fencingToken, savedAtMs)))
      return { outcome: 'silent', epoch, what: `other contents than those of epoch ${epoch}` };
    if (epoch === newest) return { outcome: 'newest', epoch, what: '' };
    const isTold = quarantined.length > 0;
    return { outcome: isTold ? 'older' : 'silent', epoch, what: `epoch ${epoch}, ${quarantined.length} put aside` };
  } catch (error) {
    const isTyped = error instanceof CheckpointError;
    return { outcome: isTyped ? 'refused' : 'silent', epoch: null, what: String(error) };
  } finally {
    keeping.close();
  }
}

function isSame(one: Checkpoint, other: Checkpoint): boolean {
  const bytes = ({ guestStates }: Checkpoint) =>
    guestStates.flatMap(({ memories }) => memories.map((memory) => memory.bytes));
  const rest = ({ guestStates, ...checkpoint }: Checkpoint) => ({
    ...checkpoint,
    guestStates: guestStates.map((state) => ({
      ...state,
      memories: state.memories.map(({ name, pages }) => [name, pages]),
    })),
  });
  const [mine, its] = [bytes(one), bytes(other)];
  return (
    isDeepStrictEqual(rest(one), rest(other)) &&
    mine.every((memory, index) => Buffer.compare(memory, its[index] as Uint8Array) === 0)
  );
}

/** Unix time of a clock that somebody steps by up to years, back and forth. */
export function steppedClock(random: RandomSource): () => number {
  return () => Math.round((random() - 0.2) * 4e12);
}
