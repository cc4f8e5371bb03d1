/**
 * The meters of the real process: CPU of all threads, CPU of this thread, heap, and the idle CPU of the
 * machine. A recorder is given its meters, so that tests can give it others.
 */
import { openSync, readSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import type { Meters } from '../foundation/surroundings.ts';
import { idleMsOf } from './idle-cpu.ts';

export const systemMeters: Meters = {
  processCpuMs: () => inMs(process.cpuUsage()),
  threadCpuMs: () => (typeof process.threadCpuUsage === 'function' ? inMs(process.threadCpuUsage()) : 0),
  idleCpuMs: () => idleMsOf(statLine()),
  // The same two numbers as in process.memoryUsage(), without its read of the resident set.
  heapBytes() {
    const { used_heap_size, external_memory } = getHeapStatistics();
    return used_heap_size + external_memory;
  },
  // One read of /proc on Linux, 8 µs; unlike /proc/self/statm it is in bytes, whatever the size of a page.
  rssBytes: () => process.memoryUsage.rss(),
};

/** Linux only: '' elsewhere. The file stays open for as long as the process; a read costs 9 µs. */
const statLine = (() => {
  const buffer = Buffer.alloc(256);
  let file: number | null | undefined;
  return () => {
    try {
      file ??= process.platform === 'linux' ? openSync('/proc/stat', 'r') : null;
      return file === null ? '' : buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
    } catch {
      file = null;
      return '';
    }
  };
})();

function inMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e3;
}
