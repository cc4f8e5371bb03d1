import { totalmem } from 'node:os';
import { expect, it } from 'vitest';
import { cgroupFolders } from '../../src/foundation/cpus.ts';
import { memoryWithin, usableMemory } from '../../src/foundation/memory.ts';

const none = { memoryMax: [], limitInBytes: [] };

it('without control groups the memory that may be used is that of the machine', () => {
  expect(memoryWithin(8e9, none)).toEqual({ bytes: 8e9, source: 'os.totalmem()' });
});

it('the smallest limit of a group and its parents counts, of either version', () => {
  const own = memoryWithin(8e9, { ...none, memoryMax: ['max\n', '2000000000\n', '3000000000\n', null] });
  expect(own).toEqual({ bytes: 2e9, source: 'cgroup v2 memory.max' });
  const first = memoryWithin(8e9, { ...none, limitInBytes: ['9223372036854771712\n', '512000000\n'] });
  expect(first).toEqual({ bytes: 512e6, source: 'cgroup v1 memory.limit_in_bytes' });
});

it('a limit that is no number, or more than the machine has, is none', () => {
  expect(memoryWithin(8e9, { memoryMax: ['', 'much', '0'], limitInBytes: ['9e18'] }).bytes).toBe(8e9);
});

it('the folders of a version 1 group are those of the memory controller', () => {
  const { v1, v2 } = cgroupFolders('4:cpu,cpuacct:/a\n5:memory:/pod/one\n', 'memory');
  expect(v1).toContain('/sys/fs/cgroup/memory/pod/one');
  expect(v1.some((folder) => folder.includes('cpu'))).toBe(false);
  expect(v2).toEqual([]);
});

it('this process may use some memory, and no more than the machine has', () => {
  expect(usableMemory().bytes).toBeGreaterThan(0);
  expect(usableMemory().bytes).toBeLessThanOrEqual(totalmem());
});
