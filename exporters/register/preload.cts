/**
 * What `sandtune observe` puts first into NODE_OPTIONS, by `--require`: that comes before every `--import`, also
 * the user's own, and works in each Node that a program may start, as npm's own process. One that is too old
 * is told of and runs on.
 */
try {
  const { createRequire } = process.getBuiltinModule('node:module');
  createRequire(__filename)(__filename.endsWith('.cts') ? './index.ts' : './index.js');
} catch (error) {
  // Once, and not in each of its threads.
  if (process.getBuiltinModule('node:worker_threads').isMainThread)
    process.stderr.write(`sandtune: this process is not observed: ${error instanceof Error ? error.message : String(error)}\n`);
}
