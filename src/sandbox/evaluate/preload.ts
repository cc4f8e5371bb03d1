/**
 * Reads and compiles a module and what it imports before anything is evaluated, so that the first instance
 * of a guest, whose call has a deadline, does not pay for it. What is wrong with a file is told when it is
 * evaluated.
 */
import { isBuiltin } from 'node:module';
import type { ModuleSources } from './module-source.ts';
import type { Resolve } from './resolve-specifier.ts';

export function preload(url: string, sources: ModuleSources, resolve: Resolve): void {
  const seen = new Set<string>();
  const open = [url];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || isBuiltin(next)) continue;
    seen.add(next);
    try {
      const source = sources.at(next);
      if (source.format === 'module') {
        source.make(false);
        for (const specifier of source.rewritten.specifiers) open.push(resolve(specifier, next));
      } else if (source.format === 'commonjs') {
        source.make();
      }
    } catch {
      // It will be thrown again.
    }
  }
}
