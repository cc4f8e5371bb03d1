/**
 * The signals that ask the command to end. The first asks for an end in order, the second ends the
 * process. Both are listened to until the process is gone: one that came while the report was being
 * written would otherwise kill the command in the middle of it.
 *
 *   first signal ──▶ `first` ── 1.3 s ──▶ `settleBy` aborts: settings, load, executor are not waited for
 *                                └── 0.3 s ──▶ `reportBy` aborts: nor is a replay
 */
import { systemTimers } from '../../src/foundation/clock.ts';
import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndSignal = (typeof signals)[number];

/**
 * Whoever pressed Ctrl-C has the terminal back within two seconds, whatever hangs. The time is counted in turns
 * of this process's event loop: a machine that gives the process no time must not be taken for a knob that hangs.
 */
const turnMs = 50;
const limits = { settleTurns: 26, reportTurns: 6 } as const;

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
    void abortInTurn([settling, limits.settleTurns], [reporting, limits.reportTurns]);
    onFirst();
  };
  for (const signal of signals) process.on(signal, listener);
  return { first, settleBy: settling.signal, reportBy: reporting.signal };
}

async function abortInTurn(...all: readonly (readonly [AbortController, number])[]): Promise<void> {
  for (const [controller, turns] of all) {
    for (let turn = 0; turn < turns; turn++) await systemTimers.sleep(turnMs, { keepAlive: true });
    controller.abort();
  }
}
