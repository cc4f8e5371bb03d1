/**
 * What Node's own resolution, with the program's hooks, makes of a specifier that a given module imports.
 *
 * `import.meta.resolve` takes the parent from the module it stands in, unless a flag is set. So the parent
 * is put in by a hook, and the question is asked from a module made of text, which bundlers leave alone.
 */
import { registerHooks } from 'node:module';

export type Resolve = (specifier: string, parentUrl: string) => string;

/** Registers the hook for this thread. */
export async function createResolve(): Promise<Resolve> {
  const text = 'data:text/javascript,export const resolve = import.meta.resolve';
  const { resolve } = (await import(/* webpackIgnore: true */ text)) as { resolve: (specifier: string) => string };
  let parentUrl: string | undefined;
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, parentUrl === undefined ? context : { ...context, parentURL: parentUrl }),
  });
  const known = new Map<string, string>();
  return (specifier, parent) => {
    const key = `${parent}\n${specifier}`;
    let url = known.get(key);
    if (url === undefined) {
      try {
        parentUrl = parent;
        url = resolve(specifier);
      } finally {
        parentUrl = undefined;
      }
      known.set(key, url);
    }
    return url;
  };
}
