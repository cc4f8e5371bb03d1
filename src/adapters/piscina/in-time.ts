/** What a pool is waited for: it may never come, so never without bound. */
import { systemTimers } from '../../foundation/clock.ts';

/** Ms. Within it a thread has told of its start, however slow the machine is, and an idle one has been seen. */
export const longestWaitMs = 30_000;

/** Whether `wait` is over in time; where it is not, it goes on, and nobody waits for it. @throws what it rejects with */
export async function isInTime(wait: Promise<void>, limitMs: number): Promise<boolean> {
  const over = new AbortController();
  const late = systemTimers.sleep(limitMs, { signal: over.signal }).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([wait.then(() => true), late]);
  } finally {
    over.abort();
  }
}
