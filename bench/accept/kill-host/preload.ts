/**
 * Preloaded into the service with `--import`: gives examples/http-service.ts, which knows nothing of it,
 * the watched `tune()` in place of the package's.
 */
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const watched = new URL('./watched-tune.ts', import.meta.url).href;
const service = new URL('../../../examples/http-service.ts', import.meta.url).href;

// The threads of the pool are started with the same arguments, and have no tuner.
if (isMainThread)
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'sandtune/tuner' && context.parentURL === service
        ? { url: watched, shortCircuit: true }
        : next(specifier, context),
  });
