/**
 * How much memory this process may use: the smallest of what the machine has and of the limits of its control
 * groups. A limit said as a share (`rss < 70%`) is a share of this.
 *
 *   files of the own control groups ──▶ memoryWithin(total, files) ──▶ { bytes, source }
 */
import { totalmem } from 'node:os';
import { cgroupFolders, textOf } from './cpus.ts';

export interface UsableMemory {
  readonly bytes: number;
  /** Where the number comes from, for people. */
  readonly source: string;
}

/** Contents of the files a limit is read from; null where a file could not be read. Each list from the own group up to the root. */
export interface MemoryFiles {
  /** Version 2: `memory.max`, '<bytes | max>'. */
  readonly memoryMax: readonly (string | null)[];
  /** Version 1: `memory.limit_in_bytes`; a number beyond what the machine has: none. */
  readonly limitInBytes: readonly (string | null)[];
}

/**
 * Pure: the smallest of `total` and of every limit, because a group is also held to its parents' limits. Text that
 * is not understood counts as no limit.
 * @param total bytes of the machine, as `os.totalmem()` gives them
 * @see Linux, Documentation/admin-guide/cgroup-v2.rst, "memory.max"; cgroup-v1/memory.rst for version 1
 */
export function memoryWithin(total: number, files: MemoryFiles): UsableMemory {
  let usable: UsableMemory = { bytes: total, source: 'os.totalmem()' };
  const consider = (texts: readonly (string | null)[], source: string) => {
    for (const text of texts) {
      const bytes = Number(text?.trim() || Number.NaN);
      if (bytes > 0 && bytes < usable.bytes) usable = { bytes, source };
    }
  };
  consider(files.memoryMax, 'cgroup v2 memory.max');
  consider(files.limitInBytes, 'cgroup v1 memory.limit_in_bytes');
  return usable;
}

/** Memory that this process may use, read now. Never throws: what cannot be read sets no limit. */
export function usableMemory(): UsableMemory {
  const { v2, v1 } = cgroupFolders(textOf('/proc/self/cgroup') ?? '', 'memory');
  return memoryWithin(totalmem(), {
    memoryMax: v2.map((folder) => textOf(`${folder}/memory.max`)),
    limitInBytes: v1.map((folder) => textOf(`${folder}/memory.limit_in_bytes`)),
  });
}
