/**
 * What is put off to the end of this turn of the event loop, or of what runs now. They are the platform's own, as it had
 * them when this was loaded: a test of a user that puts timers of its own in place of the global ones later still gets its calls.
 */
import { setImmediate } from 'node:timers';

/** Runs after this turn of the event loop. */
export const afterTurn: (run: () => void) => unknown = setImmediate;
/** Runs before anything but other microtasks has its turn. */
export const asMicrotask: (run: () => void) => void = globalThis.queueMicrotask;
