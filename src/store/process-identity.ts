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
  /** The namespace in which `pid` counts: a container has its own. '' where the system does not say. */
  readonly namespace: string;
  readonly pid: number;
  /** When the process started, in the system's ticks since boot. '' where the system does not say. */
  readonly started: string;
}

export const thisProcess: () => ProcessIdentity = once(() => ({
  host: hostname(),
  boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  namespace: attempt(() => readlinkSync('/proc/self/ns/pid')),
  pid: process.pid,
  started: startOf(process.pid) ?? '',
}));

/** Whether a process runs; 'unknown' when it cannot be seen from here. */
export function lifeOf(one: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  const here = thisProcess();
  if (one.host !== here.host || one.boot !== here.boot || one.namespace !== here.namespace) return 'unknown';
  if (here.started !== '') return startOf(one.pid) === one.started ? 'alive' : 'gone';
  try {
    process.kill(one.pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : 'gone';
  }
}

/** 'this process', 'process 123', 'process 123 on build-7'. */
export function processText({ host, pid, started, namespace }: ProcessIdentity): string {
  const here = thisProcess();
  if (host !== here.host) return `process ${pid} on ${host}`;
  return pid === here.pid && started === here.started && namespace === here.namespace
    ? 'this process'
    : `process ${pid}`;
}

/** null for a process that is not there, or has ended and was not waited for. */
function startOf(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
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
