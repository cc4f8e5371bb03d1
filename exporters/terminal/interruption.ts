/**
 * The signals that ask the command to end. The first asks for an end in order, the second ends the
 * process. Both are listened to until the process is gone: one that came while the report was being
 * written would otherwise kill the command in the middle of it.
 */
import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the first signal. @param onFirst called with it */
export function firstInterruption(onFirst: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const listener = () => {
    if (++count > 1) process.exit(exitCodes.interrupted);
    resolve();
    onFirst();
  };
  for (const signal of signals) process.on(signal, listener);
  return promise;
}
