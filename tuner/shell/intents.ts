/**
 * An intent that puts a setting other than the anchor in force is carried out only once it is on disk,
 * so that the ledger of a killed process names the setting it was on. An intent to go back to the anchor
 * waits for nothing, not even for a ledger that cannot be written: the next start begins on the anchor
 * whether that intent was written or not.
 */
import type { Settings } from '../../src/contracts.ts';
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { isSandtuneError } from '../../src/foundation/errors.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { sameSettings } from '../entries/settings.ts';
import type { TunerLedger } from '../ledger.ts';

/** How long an intent waits for a ledger that cannot be written. */
const maxWaitMs = 5000;
const pauseMs = 250;

export function leavesAnchor(records: readonly TunerRecord[], anchor: Settings): boolean {
  return records.some((record) => record.kind === 'intent' && !sameSettings(record.settings, anchor));
}

/**
 * Resolves with true once everything appended is on disk, with false when `signal` was aborted first.
 * @throws {SandtuneError} ERR_SANDTUNE_LEASE at once, ERR_SANDTUNE_STORE after `maxWaitMs`
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
      if (isLost || clock.now() - sinceMs >= maxWaitMs) throw error;
      await timers.sleep(pauseMs, { signal }).catch(() => undefined);
    }
  }
  return false;
}
