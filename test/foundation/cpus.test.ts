import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { cgroupFolders, cpusWithin, usableCpus } from '../../src/foundation/cpus.ts';

const none = { cpuMax: [], cfs: [] };

describe('cpusWithin', () => {
  it('cpusWithin is what the scheduler gives where there is no quota', () => {
    const expected = { count: 8, source: 'os.availableParallelism()' };
    expect(cpusWithin(8, none)).toEqual(expected);
    expect(cpusWithin(8, { cpuMax: ['max 100000\n', null], cfs: [{ quotaUs: '-1\n', periodUs: '100000\n' }] })).toEqual(
      expected,
    );
  });

  it('cpusWithin obeys a quota of version 2, fractions included', () => {
    expect(cpusWithin(8, { ...none, cpuMax: ['150000 100000\n'] })).toEqual({
      count: 1.5,
      source: 'cgroup v2 cpu.max',
    });
  });

  it('cpusWithin obeys a quota of version 1', () => {
    expect(cpusWithin(8, { ...none, cfs: [{ quotaUs: '50000\n', periodUs: '100000\n' }] })).toEqual({
      count: 0.5,
      source: 'cgroup v1 cpu.cfs_quota_us',
    });
  });

  it("cpusWithin is at most the smallest quota of a group and its parents, and never above the scheduler's number", () => {
    expect(cpusWithin(8, { ...none, cpuMax: ['400000 100000', '200000 100000', 'max 100000'] }).count).toBe(2);
    expect(cpusWithin(2, { ...none, cpuMax: ['400000 100000'] })).toEqual({
      count: 2,
      source: 'os.availableParallelism()',
    });
  });

  it('cpusWithin takes text it does not understand for no quota', () => {
    for (const text of ['', 'garbage', '100000', '0 100000', '100000 0', 'NaN NaN', '-5 100000']) {
      expect(cpusWithin(4, { cpuMax: [text], cfs: [{ quotaUs: text, periodUs: null }] }).count).toBe(4);
    }
  });
});

describe('cgroupFolders', () => {
  it('cgroupFolders finds a version 2 group and its parents', () => {
    expect(cgroupFolders('0::/kubepods/pod1\n')).toEqual({
      v2: ['/sys/fs/cgroup/kubepods/pod1', '/sys/fs/cgroup/kubepods', '/sys/fs/cgroup'],
      v1: [],
    });
  });

  it('cgroupFolders finds the cpu controller of version 1, not cpuset or cpuacct alone', () => {
    const { v1, v2 } = cgroupFolders('3:cpuset:/a\n2:cpuacct:/b\n1:cpu,cpuacct:/docker/x\n');
    expect(v1).toContain('/sys/fs/cgroup/cpu/docker/x');
    expect(v1).toContain('/sys/fs/cgroup/cpu,cpuacct/docker/x');
    expect(v1).toContain('/sys/fs/cgroup/cpu');
    expect(v1.join()).not.toMatch(/\/a|\/b/);
    expect(v2).toEqual([]);
  });

  it('cgroupFolders of the root is the root alone', () => {
    expect(cgroupFolders('0::/\n').v2).toEqual(['/sys/fs/cgroup']);
    expect(cgroupFolders('').v2).toEqual([]);
  });
});

it('usableCpus of this machine is above 0 and no more than the scheduler gives', () => {
  const { count, source } = usableCpus();
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(availableParallelism());
  expect(source).not.toBe('');
});
