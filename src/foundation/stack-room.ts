/**
 * Refuses to begin what cannot be finished: a call is entered in many books on its way out, and an exhausted stack may
 * throw between any two of them. So whoever enters the first asks for the stack that all of them take, also where V8
 * compiles some of them on the way, which takes most of it: any call may be the first to come by somewhere.
 */
import { asMicrotask } from './turns.ts';
import { enterWideFrame } from './wide-frame.ts';

/** False in a thread whose whole stack is hardly more than is asked for: there nobody would ever be let through. */
let isAsked = hasMuchStack();
// Whoever loaded this may have been far down.
if (!isAsked)
  asMicrotask(() => {
    isAsked = hasMuchStack();
  });

/** Whether 144 KiB are left. */
function hasMuchStack(): boolean {
  try {
    enterWideFrame(() => enterWideFrame(null));
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns where there is stack for a call: 48 KiB, and 94 once that is compiled. In a thread that has no more than
 * 144 KiB in all it always returns.
 * @throws {RangeError} V8's own, `Maximum call stack size exceeded`, with nothing done, elsewhere
 */
export function askForStack(): void {
  if (isAsked) enterWideFrame(null);
}

/** Runs now what may be for the first time; where the stack would end on the way, as soon as that has unwound. */
export function whereStackLasts(run: () => void): void {
  try {
    askForStack();
  } catch {
    asMicrotask(run);
    return;
  }
  run();
}
