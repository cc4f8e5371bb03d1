/**
 * Which process this is, so that another one can tell whether it still lives: a process id alone is
 * given out again, is the same in every restart of a container, and means nothing on another machine.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly host: string;
  /** Changes when the machine starts again. '' where the system does not say. */
  readonly boot: string;
  /**
   * The namespaces in which `pid` counts and `started` was read: a container has its own, and what runs
   * under a shifted clock sees all others start at other times. '' where the system does not say.
   */
  readonly namespace: string;
  readonly pid: number;
  /** When the process started, in the system's ticks since boot. '' where the system does not say. */
  readonly started: string;
}

export const thisProcess: () => ProcessIdentity = once(() => ({
  host: hostname(),
  boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  namespace: namespaces(),
  pid: process.pid,
  // Of 'self' and not of the pid: where another namespace's /proc is mounted, the pid is somebody else there.
  started: startIn(attempt(() => readFileSync('/proc/self/stat', 'utf8'))) ?? '',
}));

/** The identity that `text` holds as JSON; null for any other text. */
export function identityIn(text: unknown): ProcessIdentity | null {
  try {
    const { host, boot, namespace, pid, started } = JSON.parse(String(text)) as Partial<ProcessIdentity>;
    const isWhole = [host, boot, namespace, started].every((one) => typeof one === 'string') && Number.isInteger(pid);
    return isWhole ? ({ host, boot, namespace, pid, started } as ProcessIdentity) : null;
  } catch {
    return null;
  }
}

/** True only when the process is known to have ended: not for one that cannot be seen from here. */
export function isGone(one: ProcessIdentity): boolean {
  // Whoever holds its own lease asks every few seconds, and need not be looked up.
  if (isThisProcess(one) || !isInSight(one)) return false;
  if (!exists(one.pid)) return true;
  const stat = showsThisNamespace() ? attempt(() => readFileSync(`/proc/${one.pid}/stat`, 'utf8')) : '';
  // A system may hide the processes of others (hidepid): one that exists and cannot be read may be the one.
  return stat !== '' && startIn(stat) !== one.started;
}

/** 'this process', 'process 123 on build-7', 'process 1 on web, in another container'. */
export function processText(one: ProcessIdentity): string {
  const { host, boot, namespace } = thisProcess();
  if (isThisProcess(one)) return 'this process';
  const isHere = one.host === host && one.boot === boot && one.namespace === namespace;
  const isBeside = one.host === host && one.boot === boot && !isHere;
  return `process ${one.pid} on ${one.host}${isBeside ? ', in another container' : ''}`;
}

function isThisProcess(one: ProcessIdentity): boolean {
  const here = thisProcess();
  return (['host', 'boot', 'namespace', 'pid', 'started'] as const).every((key) => one[key] === here[key]);
}

/** True where the pid of that process means here what it means there. */
export function isInSight(one: ProcessIdentity): boolean {
  const here = thisProcess();
  if (one.host !== here.host || one.boot !== here.boot || one.namespace !== here.namespace) return false;
  // Linux has containers of one host name: where it does not say which this is, nothing is known of the other.
  const isTold = here.boot !== '' && here.namespace !== '' && one.started !== '';
  return Number.isSafeInteger(one.pid) && one.pid > 0 && (isTold || process.platform !== 'linux');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** False where /proc is that of another namespace: its pids are not those that count here. */
function showsThisNamespace(): boolean {
  return attempt(() => readlinkSync('/proc/self')) === String(process.pid);
}

/** '' where not even the pid namespace is told; kernels before 5.6 have no time namespaces. */
function namespaces(): string {
  const [pid, time] = ['pid', 'time'].map((kind) => attempt(() => readlinkSync(`/proc/self/ns/${kind}`)));
  return pid ? [pid, time].filter(Boolean).join(' ') : '';
}

/** The start time in the text of a stat file; null for a process that has ended and was not waited for, and for no stat. */
function startIn(stat: string): string | null {
  // The name in parentheses may hold anything, spaces and parentheses too; the state comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return started === undefined || state === 'Z' || state === 'X' ? null : started;
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
