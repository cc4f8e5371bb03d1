/** Stands for a worker file a bundler has moved elsewhere. */
import runBatch from '../../../src/sandbox/run/worker.ts';

export default (message: readonly unknown[]): ReturnType<typeof runBatch> => {
  (globalThis as { bundled?: boolean }).bundled = true;
  return runBatch(message);
};
