/**
 * Where a program of a story runs: the words before its command. A container is what Linux makes one of:
 * namespaces of its own for process ids, mounts and the host name.
 */
import { spawnSync } from 'node:child_process';

export type Place = readonly string[];

export const here: Place = [];

const ownPids = ['unshare', '--pid', '--fork', '--kill-child'] as const;

export function container(hostName: string): Place {
  return [...ownPids, '--mount-proc', '--uts', ...shell(`echo ${hostName} > /proc/sys/kernel/hostname`)];
}

/** A container that cannot read /proc. */
export const withoutProc: Place = [...ownPids, '--mount', ...shell('mount -t tmpfs none /proc')];

/** A container in which /proc shows the processes of the host. */
export const foreignProc: Place = ownPids;

/** Beside the process `pid`, under a user who sees no process of others. */
export function hiddenBeside(pid: number): Place {
  const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  return [...beside(pid), 'unshare', '--mount', ...shell('mount -t proc -o hidepid=2 proc /proc'), ...user];
}

/** Beside the process `pid`, under clocks that began long ago: all processes seem to have started at other times. */
export function shiftedBeside(pid: number): Place {
  return [
    ...beside(pid),
    'unshare',
    '--time',
    '--monotonic',
    '500000',
    '--boottime',
    '500000',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
}

/** A container without a program: whoever else runs there lives on when one of its programs has ended. */
export const pod: readonly string[] = [...ownPids, '--mount-proc', 'sleep', '3600'];

/** Among the processes that the process `pid` sees. */
export function beside(pid: number): Place {
  return ['nsenter', '--target', String(pid), '--pid', '--mount'];
}

function shell(first: string): Place {
  return ['sh', '-c', `${first} && exec "$@"`, 'sh'];
}

/** null where programs may run in such a place; else what the system says. */
export function refusalOf(place: Place): string | null {
  const [command, ...rest] = [...place, 'true'];
  const { status, stderr, error } = spawnSync(command as string, rest, { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return null;
  return (error?.message ?? stderr.trim()) || `exit ${status}`;
}
