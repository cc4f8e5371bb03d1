/**
 * The signals that ask the command to end. The first asks for an end in order, the second ends the
 * process. Both are listened to until the process is gone: one that came while the report was being
 * written would otherwise kill the command in the middle of it.
 *
 *   first signal ──▶ `first` ── settleMs ──▶ `settleBy` aborts: settings, load, executor are not waited for
 *                                   └─ reportMs ──▶ `reportBy` aborts: nor is a replay
 */
import { systemTimers } from '../../src/foundation/clock.ts';
import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndSignal = (typeof signals)[number];

/** Whoever pressed Ctrl-C has the terminal back within two seconds, whatever hangs. */
const limits = { settleMs: 1_100, reportMs: 400 } as const;

export interface Interruption {
  /** Resolves with the first signal. */
  readonly first: Promise<EndSignal>;
  readonly settleBy: AbortSignal;
  readonly reportBy: AbortSignal;
}

/** @param onFirst called with the first signal */
export function listenForInterruption(onFirst: () => void): Interruption {
  const { promise: first, resolve } = Promise.withResolvers<EndSignal>();
  const [settling, reporting] = [new AbortController(), new AbortController()];
  let count = 0;
  const listener = (signal: EndSignal) => {
    if (++count > 1) process.exit(exitCodes.interrupted);
    resolve(signal);
    void abortInTurn([settling, limits.settleMs], [reporting, limits.reportMs]);
    onFirst();
  };
  for (const signal of signals) process.on(signal, listener);
  return { first, settleBy: settling.signal, reportBy: reporting.signal };
}

async function abortInTurn(...turns: readonly (readonly [AbortController, number])[]): Promise<void> {
  for (const [controller, afterMs] of turns) {
    await systemTimers.sleep(afterMs, { keepAlive: true });
    controller.abort();
  }
}
