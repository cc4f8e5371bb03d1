/**
 * States of guests as three sections of a checkpoint: what they are (JSON), the pages of their memories, and
 * what guests that take their own snapshots gave.
 */
import { copyOfBytes } from '../../foundation/copy-bytes.ts';
import { isText, listOf, objectOf, orNull, type Shape } from '../../foundation/shape.ts';
import type { GuestState } from '../contracts.ts';
import { damaged, unfit } from './checkpoint-error.ts';
import { fromJson, isCount, toJson } from './json-section.ts';
import {
  composePages,
  decodePages,
  encodePages,
  firstMissing,
  pageBytes,
  pageHashes,
  pagesHashed,
  type StoredPages,
} from './pages.ts';

/** Hashes of the pages of each memory, by `keyOf`: what the next checkpoint may build on. */
export type KnownPages = ReadonlyMap<string, Uint8Array>;

interface StoredState {
  readonly instance: string;
  readonly memories: readonly { readonly name: string; readonly pages: number }[];
  readonly globals: GuestState['globals'];
  readonly snapshotBytes: number | null;
}

const isStored: Shape = listOf(
  objectOf<StoredState>({
    instance: isText,
    memories: listOf(objectOf<StoredState['memories'][number]>({ name: isText, pages: isCount })),
    globals: listOf(objectOf<GuestState['globals'][number]>({ name: isText, type: isText, value: isText })),
    snapshotBytes: orNull(isCount),
  }),
);

export interface EncodedGuests {
  readonly guest: readonly Uint8Array[];
  readonly pages: readonly Uint8Array[];
  readonly snapshots: readonly Uint8Array[];
  readonly known: KnownPages;
}

/**
 * @param known of the checkpoint it builds on; empty where it stands alone
 * @param same of memories that are what they were when they were hashed; all others are hashed now
 * @throws {CheckpointError} 'unfit'
 */
export function encodeGuests(
  states: readonly GuestState[],
  known: KnownPages,
  same: KnownPages = new Map(),
): EncodedGuests {
  const pages: Uint8Array[] = [];
  const hashed = new Map<string, Uint8Array>();
  for (const { instance, memories } of states)
    for (const { name, pages: count, bytes } of memories) {
      const key = keyOf(instance, name);
      if (bytes.length !== count * pageBytes || hashed.has(key))
        throw unfit(`expected each memory once, with ${count} pages, got '${name}' with ${bytes.length} bytes`);
      const before = same.get(key);
      const hashes = before && pagesHashed(before) === count ? before : pageHashes(bytes);
      hashed.set(key, hashes);
      for (const piece of encodePages(bytes, hashes, known.get(key))) pages.push(piece);
    }
  const stored: readonly StoredState[] = states.map(({ instance, memories, globals, snapshot }) => ({
    instance,
    memories: memories.map(({ name, pages: count }) => ({ name, pages: count })),
    globals,
    snapshotBytes: snapshot?.length ?? null,
  }));
  const snapshots = states.flatMap(({ snapshot }) => snapshot ?? []);
  return { guest: [toJson('guest', stored)], pages, snapshots, known: hashed };
}

/** The guests of one checkpoint, their memories not put together yet. */
export interface DecodedGuests {
  readonly states: readonly (Omit<StoredState, 'snapshotBytes'> & { readonly snapshot: Uint8Array | null })[];
  readonly memories: ReadonlyMap<string, StoredPages>;
}

/** @throws {CheckpointError} 'damaged' */
export function decodeGuests(sections: {
  readonly guest: Uint8Array;
  readonly pages: Uint8Array;
  readonly snapshots: Uint8Array;
}): DecodedGuests {
  const stored = fromJson('guest', sections.guest, isStored) as readonly StoredState[];
  const memories = new Map<string, StoredPages>();
  let [pagesAt, snapshotAt] = [0, 0];
  const states = stored.map(({ snapshotBytes, ...state }) => {
    for (const { name, pages: count } of state.memories) {
      const { pages, end } = decodePages(sections.pages, pagesAt, count);
      memories.set(keyOf(state.instance, name), pages);
      pagesAt = end;
    }
    const from = snapshotAt;
    snapshotAt += snapshotBytes ?? 0;
    return { ...state, snapshot: snapshotBytes === null ? null : sections.snapshots.subarray(from, snapshotAt) };
  });
  const [left, over] = [sections.pages.length - pagesAt, sections.snapshots.length - snapshotAt];
  if (left !== 0 || over !== 0)
    throw damaged(`expected states that fill their sections, got ${left} and ${over} bytes more`);
  return { states, memories };
}

/**
 * Whole states. Pages of zeros take no room in a file, so that this, and nothing else, can take more memory than
 * the file has bytes.
 * @param older what it builds on, newest first
 * @param mostBytes of all memories together
 * @throws {CheckpointError} 'damaged'
 */
export function composeGuests(
  newest: DecodedGuests,
  older: readonly DecodedGuests[],
  mostBytes: number,
): readonly GuestState[] {
  const pages = newest.states.flatMap(({ memories }) => memories).reduce((sum, memory) => sum + memory.pages, 0);
  if (pages * pageBytes > mostBytes)
    throw damaged(`expected memories of at most ${mostBytes} bytes together, got ${pages} pages of ${pageBytes}`);
  return newest.states.map(({ instance, memories, globals, snapshot }) => ({
    instance,
    globals,
    snapshot,
    memories: memories.map(({ name, pages: count }) => {
      const key = keyOf(instance, name);
      // Shared memory travels between threads without being copied.
      const bytes = new Uint8Array(new SharedArrayBuffer(count * pageBytes));
      composePages(
        newest.memories.get(key) as StoredPages,
        older.flatMap((one) => one.memories.get(key) ?? []),
        bytes,
      );
      return { name, pages: count, bytes };
    }),
  }));
}

/** Whether it holds any page itself, or all of them are zeros, or stand in what it builds on. */
export function hasPages({ memories }: DecodedGuests): boolean {
  return [...memories.values()].some(({ count }) => count > 0);
}

/** What the next checkpoint may build on. */
export function knownPages({ memories }: DecodedGuests): KnownPages {
  return new Map([...memories].map(([key, { hashes }]) => [key, copyOfBytes(hashes)]));
}

/**
 * Whether memories can be put together, without doing it.
 * @param known of what it builds on, which is whole
 * @throws {CheckpointError} 'damaged'
 */
export function checkPages({ memories }: DecodedGuests, known: KnownPages): void {
  for (const [key, pages] of memories) {
    const missing = firstMissing(pages, known.get(key));
    if (missing >= 0) throw damaged(`expected page ${missing} in what it builds on, found none of its hash`);
  }
}

function keyOf(instance: string, memory: string): string {
  return JSON.stringify([instance, memory]);
}
