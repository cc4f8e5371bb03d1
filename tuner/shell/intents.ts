/**
 * Which intents wait until they are on disk before they are carried out: those that put a setting in
 * force which is not the anchor. A process that is killed then leaves behind what it was about to try.
 * Nothing keeps the tuner from going back to the anchor, a ledger that cannot be written least of all:
 * the next start stands on the anchor whether that intent was written or not.
 */
import type { Settings } from '../../src/contracts.ts';
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { isSandtuneError } from '../../src/foundation/errors.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { sameSettings } from '../entries/settings.ts';
import type { TunerLedger } from '../ledger.ts';

/** Longest that an intent waits for a ledger that cannot be written. */
const patienceMs = 5000;
const pauseMs = 250;

export function leavesAnchor(records: readonly TunerRecord[], anchor: Settings): boolean {
  return records.some((record) => record.kind === 'intent' && !sameSettings(record.settings, anchor));
}

/**
 * Resolves with true once all that was appended is on disk, with false when `signal` came first.
 * @throws {SandtuneError} ERR_SANDTUNE_LEASE at once, ERR_SANDTUNE_STORE when patience has run out
 */
export async function untilDurable(
  ledger: TunerLedger,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  signal: AbortSignal,
): Promise<boolean> {
  const sinceMs = clock.now();
  const aborted = Promise.withResolvers<false>();
  signal.addEventListener('abort', () => aborted.resolve(false), { once: true });
  while (!signal.aborted) {
    try {
      // A disk that hangs must not keep the tuner from hearing that it is to go back.
      return await Promise.race([ledger.durable().then(() => true), aborted.promise]);
    } catch (error) {
      const isLost = isSandtuneError(error) && error.code === 'ERR_SANDTUNE_LEASE';
      if (isLost || clock.now() - sinceMs >= patienceMs) throw error;
      await timers.sleep(pauseMs, { signal }).catch(() => undefined);
    }
  }
  return false;
}
