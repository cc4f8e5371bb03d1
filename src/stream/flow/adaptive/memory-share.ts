/** The share of the memory that this process may use that it has now. */
import { usableMemory } from '../../../foundation/memory.ts';

/** The limit is read once, since what sets it seldom moves and reading it takes files. @returns 0 to 1, or above */
export function memoryShareOf(): () => number {
  const { bytes } = usableMemory();
  return () => process.memoryUsage.rss() / bytes;
}
