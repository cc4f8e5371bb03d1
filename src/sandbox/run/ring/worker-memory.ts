/**
 * The ring transport: calls travel to a worker, and back, in memory that both share, for as long as the
 * worker lives. What is in it, who writes it, and what holds when a side fails:
 *
 *   host ── request frames ──▶ worker        [bytes][id][function][argument count] values …
 *   host ◀── answer frames ─── worker        [bytes][id][kind][cache rank] began, ended, cold start, value
 *   host ◀──── progress ────── worker        which slot runs since when, whether its function was entered
 *   both ◀───── claims ──────▶ both          who has the call of a slot (claim.ts)
 *   both ◀──── regions ──────▶ both          bytes too many for a frame, either way (regions.ts)
 *   host ◀── MessagePort ────▶ worker        what a frame cannot keep, read at once and in the order of the frames
 *   pool ◀────── bell ──────── workers       one word for all workers of a pool: 1 while the host sleeps
 *
 * - Every request frame has exactly one answer frame, also of a call that was taken back; only then is
 *   its slot used again. So at most `slotCount` small answers are on their way, and as much of each ring
 *   is kept free for them: a side never waits for room. What does not fit goes by the port, with a small
 *   frame that tells of it.
 * - A side that sleeps says so in a word, looks once more, and sleeps; the other side wakes it only where
 *   that word says so. The worker blocks (`asleep`), the host waits without blocking (`Doorbell`). A
 *   worker may take the host's word and end before it rings: while calls are out the host looks by itself
 *   every millisecond, which also keeps the process alive for them, and nothing does when none are out.
 * - A replacement worker gets memory of its own. When a worker has ended the host reads the answers that
 *   it had published; every call that has none is left to the recovery with the stage its claim tells.
 * - The memory is given to the worker's file by message, and never to a guest or a binding. A frame that
 *   is none, or that speaks of an id which is not out, is an error that costs the worker.
 */
import { RingMemory, ringBytes } from './byte-ring.ts';
import { mostRegions } from './regions.ts';
import { slotCount } from './slots.ts';

/** Index of the integers of progress, which the worker writes; `asleep` has a cache line of its own. */
export const progress = { current: 0, startedTicks: 1, entered: 2, capacity: 3, asleep: 32 } as const;
/** Index of the floats of progress. */
export const progressFloats = { guestBytes: 8 } as const;

const progressBytes = 256;
const claimsBytes = slotCount * Int32Array.BYTES_PER_ELEMENT;
const regionWordsBytes = mostRegions * Int32Array.BYTES_PER_ELEMENT;
const capacityBytes = 256 * 1024;

const beforeRings = progressBytes + claimsBytes + 2 * regionWordsBytes;

/** Byte offsets in a request frame. */
export const request = { id: 4, fn: 8, argc: 12, values: 16 } as const;
/** In place of an argument count: they come by the port. */
export const byPort = -1;
/** Likewise: they stand there as the signature of the function has them (signature-codec.ts). */
export const bySignature = -2;
/** In place of a function: the worker only answers, under the cache capacity that now holds. */
export const onlyAnswer = -1;
/** Likewise: the worker answers, and serves no more: calls come by messages again. */
export const leaveRing = -2;
/** Byte offsets in an answer frame. */
export const answer = { id: 4, kind: 8, rank: 12, beganMs: 16, endedMs: 24, coldStartMs: 32, value: 40 } as const;
export const answerKinds = { value: 1, portValue: 2, portFailure: 3, passed: 4, bySignature: 5 } as const;

/** A larger frame goes by the port, so that a few of them do not fill the ring. */
export const mostFrameBytes = capacityBytes / 2;
/** What is kept free beside a frame with values: room for a small frame of every slot, and for what was read and not told. */
export const spareBytes = (slotCount + 1) * answer.value + capacityBytes / 16;

export class WorkerMemory {
  readonly shared: SharedArrayBuffer;
  readonly progress: Int32Array;
  readonly progressFloats: Float64Array;
  readonly claims: Int32Array;
  /** Who has the regions of arguments, and those of results. */
  readonly argumentRegions: Int32Array;
  readonly resultRegions: Int32Array;
  readonly requests: RingMemory;
  readonly answers: RingMemory;

  /** @param shared of a worker that is to use the memory that its host has made */
  constructor(shared = new SharedArrayBuffer(beforeRings + 2 * ringBytes(capacityBytes))) {
    this.shared = shared;
    this.progress = new Int32Array(shared, 0, progressBytes / 4);
    this.progressFloats = new Float64Array(shared, 0, progressBytes / 8);
    this.claims = new Int32Array(shared, progressBytes, slotCount);
    this.argumentRegions = new Int32Array(shared, progressBytes + claimsBytes, mostRegions);
    this.resultRegions = new Int32Array(shared, progressBytes + claimsBytes + regionWordsBytes, mostRegions);
    this.requests = new RingMemory(shared, beforeRings, capacityBytes);
    this.answers = new RingMemory(shared, beforeRings + ringBytes(capacityBytes), capacityBytes);
  }
}

/** What a worker is sent once, in place of a batch: it serves the rings from then on. */
export interface ServeMessage {
  readonly kind: 'serve-ring';
  readonly memory: SharedArrayBuffer;
  /** Of the pool: one integer, 1 while the host sleeps. */
  readonly bell: SharedArrayBuffer;
  readonly port: import('node:worker_threads').MessagePort;
  /** Most bytes of its regions for results. */
  readonly regionBytes: number;
}

/** What our own worker file answers to it. */
export const servesRing = 'serves-ring';
