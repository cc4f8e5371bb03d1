/**
 * piscina's own `run()`. A program may have put one of its own before it, in a subclass or on the pool itself,
 * that checks or counts its calls. Calls that are not the program's are not to pass there.
 */
import type { PiscinaPool } from './piscina-shape.ts';

export function ownRunOf(pool: PiscinaPool): PiscinaPool['run'] {
  let run: PiscinaPool['run'] | undefined;
  try {
    for (let at: object | null = pool; at !== null; at = Object.getPrototypeOf(at)) {
      const own = Object.getOwnPropertyDescriptor(at, 'run')?.value as PiscinaPool['run'] | undefined;
      // Of those that have one, the last is piscina's.
      if (own && Object.hasOwn(at, 'queueSize') && Reflect.get(at, 'queueSize', pool) !== undefined) run = own;
    }
  } catch {
    // A proxy of a pool: only the pool behind it can be asked, by the proxy's own methods.
    run = undefined;
  }
  const own = run;
  return own ? (input, options) => own.call(pool, input, options) : (input, options) => pool.run(input, options);
}
