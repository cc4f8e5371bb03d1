/**
 * What passes between host and worker.
 *
 *   host ── [slot, count, fn, argc, n, …args of n calls, fn, …] ──▶ worker    one message a batch
 *   host ◀── [value, value, …, failures?] ── worker                       values in order
 *   host ◀── shared memory ── worker                                      times, cache use, progress
 *
 * A batch owns a slot of shared memory while it is out. Which call runs, and since when, is written
 * there before the call starts, so the host knows it even when the worker dies. `running` moves by
 * compare-and-swap on both sides: when the host has condemned call i (by swapping i for
 * `condemned(i)`), the worker can neither finish it nor start the next one.
 *
 *   entered:     1 once the instance of the call that runs was there and its function was called
 *   running:     −1 not begun · i call i runs · count all done, not returned · condemned(i) call i overran
 *   skipped:     of a call, 1 once the host has taken it back, 2 once the worker has passed it over for that
 *   ranks:       LRU rank at which the cache of instances had the call's guest; −1 never seen
 *   coldStartMs: time its instance took to start cold; NaN where a kept one served it
 */

import type { InstanceUse } from '../guest-options.ts';
import type { Signature } from '../module/describe-module.ts';
import type { AllowedImports } from '../module/imports.ts';
import type { CappedMemory, ImportedMemory } from '../module/memory-limits.ts';
import type { StatePlan } from './instance-state.ts';
import type { Thrown } from './thrown.ts';

/** Largest batch; sizes the shared memory. */
export const maxBatchCalls = 1024;

/** Index of a slot's integers. ranks, skipped: one a call. */
export const ints = {
  running: 0,
  startedTicks: 1,
  capacity: 2,
  entered: 3,
  ranks: 8,
  skipped: 8 + maxBatchCalls,
} as const;
/** Values of `skipped`. */
export const skip = { no: 0, asked: 1, done: 2 } as const;
/** Index of a slot's floats. ended, coldStartMs: one a call. */
export const floats = {
  receivedMs: 0,
  returnedMs: 1,
  guestBytes: 2,
  ended: 8,
  coldStartMs: 8 + maxBatchCalls,
} as const;

const intCount = ints.skipped + maxBatchCalls;
const floatCount = floats.coldStartMs + maxBatchCalls;
/** Integers that hold for the whole sandbox, before the first slot. */
export const shared = { capacity: 0, reserved: 1, spinUs: 2, coalesceUs: 3 } as const;
const sharedBytes = 64;
const slotBytes = intCount * Int32Array.BYTES_PER_ELEMENT + floatCount * Float64Array.BYTES_PER_ELEMENT;

export interface Slot {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
}

export function createSharedMemory(slotCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(sharedBytes + slotCount * slotBytes);
}

export function sharedInts(memory: SharedArrayBuffer): Int32Array {
  return new Int32Array(memory, 0, sharedBytes / Int32Array.BYTES_PER_ELEMENT);
}

export function slotOf(memory: SharedArrayBuffer, index: number): Slot {
  const start = sharedBytes + index * slotBytes;
  return {
    floats: new Float64Array(memory, start, floatCount),
    ints: new Int32Array(memory, start + floatCount * Float64Array.BYTES_PER_ELEMENT, intCount),
  };
}

export const notBegun = -1;

/** The value of `running` that says call `index` overran. Applied to that value, gives the index. */
export function condemned(index: number): number {
  return -2 - index;
}

/** Time in sixteenths of a millisecond, wrapped to 32 bits (37 hours each way). */
export function ticksOf(ms: number): number {
  return Math.floor(ms * 16) | 0;
}

/** Milliseconds from `sinceTicks` to `nowTicks`. */
export function elapsedMs(sinceTicks: number, nowTicks: number): number {
  return ((nowTicks - sinceTicks) | 0) / 16;
}

/**
 * How far a call had come when its worker ended. Pure.
 * @param running the slot's `running` as it was found
 * @param entered true when the function of the call that ran had been called
 * @param index place of the call in its batch
 */
export function stageReached(
  running: number,
  entered: boolean,
  index: number,
): 'queue' | 'start' | 'execute' | 'return' {
  const reached = running < notBegun ? condemned(running) : running;
  if (index > reached) return 'queue';
  if (index < reached) return 'return';
  return entered ? 'execute' : 'start';
}

/**
 * Stands in place of a function's index in a message: makes an instance of `guest` and checks that it
 * has the functions the host listed.
 */
export function checkGuest(guest: number): number {
  return -1 - guest;
}

/** A call that threw. */
export interface Failure {
  readonly index: number;
  readonly stage: 'start' | 'execute' | 'return';
  /** What is wrong with what the host supplied (binding, imports); undefined where that is not at fault. */
  readonly fault: string | undefined;
  /** True where the host has listed a function that the binding does not return. */
  readonly isMissing: boolean;
  /** Undefined where nothing was thrown: a fault that was found by looking. */
  readonly thrown: Thrown | undefined;
  /** The guest had asked for what it may not have: an import, more memory than its cap, a permission. */
  readonly refused: boolean;
}

export interface WorkerGuest {
  readonly name: string;
  readonly module: WebAssembly.Module;
  /** href of the binding module. */
  readonly binding: string | undefined;
  /** How much longer the bytes it was compiled from are than those of the host, all of it in front of the code. */
  readonly movedBytes: number;
  /** Those of its memories that might have become larger than the host's cap lets them. */
  readonly cappedMemories: readonly CappedMemory[];
  readonly functions: readonly string[];
  readonly allowImports: AllowedImports;
  /** The bytes of the host, before they were limited. */
  readonly given: { readonly length: number; readonly sha256: string };
  readonly importedMemory: ImportedMemory | undefined;
  readonly instance: InstanceUse;
  /** Bytes among its arguments are taken back when its function returns. */
  readonly lendsArguments: boolean;
  /** Undefined for a guest that keeps none. Its function is the one behind those of the guest. */
  readonly state: StatePlan | undefined;
}

export interface WorkerSetup {
  readonly guests: readonly WorkerGuest[];
  /** Function index → guest index, index among that guest's functions, signature of a raw export. */
  readonly functions: readonly (readonly [guest: number, local: number, signature?: Signature | undefined])[];
  readonly memory: SharedArrayBuffer;
}
