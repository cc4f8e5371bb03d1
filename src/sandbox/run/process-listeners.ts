/**
 * Glue of older Emscripten listens to the process's errors once for each instance, and each of its listeners
 * holds an instance, with its memory, for as long as the thread lives.
 */
import type { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => void;

/** Looks at the listeners of an emitter twice. @returns the second look, which gives what takes off those put on in between */
export function watchListeners(emitter: EventEmitter): () => () => void {
  const listeners = () =>
    emitter.eventNames().flatMap((name) => emitter.rawListeners(name).map((one) => [name, one] as const));
  const before = new Set(listeners().map(([, one]) => one));
  return () => {
    const added = listeners().filter(([, one]) => !before.has(one));
    return () => {
      for (const [name, one] of added) emitter.off(name, one as Listener);
    };
  };
}
