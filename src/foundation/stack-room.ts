/**
 * Refuses to begin what cannot be finished: a call is entered in many books on its way out, and an exhausted stack may
 * throw between any two of them. So whoever enters the first asks for the stack that all of them take.
 *
 * What it costs is one comparison. V8 compares the whole frame of a function with what is left of the stack when the
 * function is entered, and the frame of this one has a place for each argument of a call that is never made; the code
 * that V8 compiles later asks for as much, since it may have to go back to that frame.
 */
import { asMicrotask } from './turns.ts';

/** V8 compiles a function when it is called first, and that takes stack too: the first calls ask for more. */
const coldCalls = 1000;
/** Of frames of 50 bytes, compiled, to 100. */
const coldFrames = 1200;
/** A way that calls take: of each the first calls find functions that were not called yet. */
export interface CallWay {
  seen: number;
}

/**
 * Returns where there is stack for a call: 4 KiB, for the first calls of its way 60. An executor has its own ways.
 * @throws {RangeError} V8's own, `Maximum call stack size exceeded`, with nothing done, elsewhere
 */
export function askForStack(way: CallWay): void {
  enter(null);
  if (way.seen === coldCalls) return;
  askForMuchStack();
  way.seen++;
}

/** Runs now what is seldom done, and may be for the first time; where the stack would end on the way, as soon as that has unwound. */
export function whereStackLasts(run: () => void): void {
  try {
    askForMuchStack();
  } catch {
    asMicrotask(run);
    return;
  }
  run();
}

/** About 2 µs. */
function askForMuchStack(): void {
  descend(coldFrames);
}

function descend(frames: number): number {
  return frames === 0 ? 0 : descend(frames - 1) + 1;
}

/** @param never null */
function enter(never: ((...frame: readonly number[]) => void) | null): void {
  if (never === null) return;
  // biome-ignore format: one a line would be five hundred lines
  never(
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  );
}
