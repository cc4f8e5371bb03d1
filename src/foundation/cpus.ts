/**
 * How many CPUs this process may use: the smaller of what the scheduler lets it run on and of the
 * CPU quota of its container. A quota may be a fraction (0.5, 1.5).
 *
 *   files of the own control groups ──▶ cpusWithin(available, files) ──▶ { count, source }
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export interface UsableCpus {
  /** CPUs; may be fractional; above 0. */
  readonly count: number;
  /** Where the number comes from, for people. */
  readonly source: string;
}

/** Contents of the files a quota is read from; null where a file could not be read. Each list from the own group up to the root. */
export interface CgroupFiles {
  /** Version 2: `cpu.max`, '<quota µs | max> <period µs>'. */
  readonly cpuMax: readonly (string | null)[];
  /** Version 1: `cpu.cfs_quota_us` (−1: none) and `cpu.cfs_period_us`. */
  readonly cfs: readonly { readonly quotaUs: string | null; readonly periodUs: string | null }[];
}

/**
 * Pure: the smallest of `available` and of every quota, because a group is also held to its
 * parents' quotas. Text that is not understood counts as no quota.
 * @param available CPUs of the affinity mask, as `os.availableParallelism()` gives them
 * @see Linux, Documentation/admin-guide/cgroup-v2.rst, "cpu.max"; scheduler/sched-bwc.rst for version 1
 */
export function cpusWithin(available: number, files: CgroupFiles): UsableCpus {
  let usable: UsableCpus = { count: available, source: 'os.availableParallelism()' };
  const consider = (quota: number | undefined, source: string) => {
    if (quota !== undefined && quota < usable.count) usable = { count: quota, source };
  };
  for (const text of files.cpuMax) {
    const [quota, period] = (text ?? '').trim().split(/\s+/);
    consider(quotaOf(quota, period), 'cgroup v2 cpu.max');
  }
  for (const { quotaUs, periodUs } of files.cfs) {
    consider(quotaOf(quotaUs?.trim(), periodUs?.trim()), 'cgroup v1 cpu.cfs_quota_us');
  }
  return usable;
}

/**
 * Pure: where the files of a controller are for a process, nearest group first.
 * @param membership contents of /proc/self/cgroup: lines 'id:controllers:path', version 2 with id 0
 */
export function cgroupFolders(
  membership: string,
  controller: 'cpu' | 'memory' = 'cpu',
): { readonly v2: readonly string[]; readonly v1: readonly string[] } {
  const v2: string[] = [];
  const v1: string[] = [];
  for (const line of membership.split('\n')) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) continue;
    if (id === '0' && controllers === '') v2.push(...upwards('/sys/fs/cgroup', path));
    // Mounted as 'cpu' or as 'cpu,cpuacct', by distribution.
    else if (controllers.split(',').includes(controller)) {
      v1.push(...upwards(`/sys/fs/cgroup/${controller}`, path), ...upwards(`/sys/fs/cgroup/${controllers}`, path));
    }
  }
  return { v2, v1 };
}

/** CPUs this process may use, read now. Never throws: what cannot be read sets no limit. */
export function usableCpus(): UsableCpus {
  const { v2, v1 } = cgroupFolders(textOf('/proc/self/cgroup') ?? '');
  return cpusWithin(availableParallelism(), {
    cpuMax: v2.map((folder) => textOf(`${folder}/cpu.max`)),
    cfs: v1.map((folder) => ({
      quotaUs: textOf(`${folder}/cpu.cfs_quota_us`),
      periodUs: textOf(`${folder}/cpu.cfs_period_us`),
    })),
  });
}

function quotaOf(quotaUs: string | undefined, periodUs: string | undefined): number | undefined {
  const quota = Number(quotaUs || Number.NaN);
  const period = Number(periodUs || Number.NaN);
  return quota > 0 && period > 0 ? quota / period : undefined;
}

/** The folder of a group and of each of its parents. In a container the root is the group itself. */
function upwards(mount: string, path: string): string[] {
  const folders: string[] = [];
  for (let rest = path.replace(/\/+$/, ''); rest !== ''; rest = rest.slice(0, rest.lastIndexOf('/'))) {
    folders.push(mount + rest);
  }
  return [...folders, mount];
}

/** The contents of a small file; null where it cannot be read. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
