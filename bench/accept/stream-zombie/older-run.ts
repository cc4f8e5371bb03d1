/**
 * A run that is held at the entry of one of its calls to the system and stopped, and goes on when it is told to: the
 * call is then made, however late, as one that hung on a network or a process that was stopped would make it.
 *
 * strace holds the call back; when strace is killed, the kernel lets the call go on.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { compileCache } from '../compile-cache.ts';
import type { JobSpec } from '../stream-crash/jobs.ts';

const program = fileURLToPath(new URL('../stream-crash/job-child.ts', import.meta.url));
/** Longer than anybody waits for it. */
const heldSeconds = 600;
const lookMs = 25;
/** A thread that stands at one call for so many looks is held there. */
const fewestLooks = 8;
const mostLooks = 2400;

export interface HeldAt {
  readonly call: string;
  /** From 1, of one thread. */
  readonly when: number;
  readonly paths: readonly string[];
}

export interface OlderRun {
  /** false: it made fewer such calls, and has ended. */
  readonly isHeld: boolean;
  /** Lets the call go on, and all of the process; resolves with what it said when it has ended. */
  goOn(): Promise<{ readonly isDone: boolean; readonly complaint: string }>;
}

/** Begins a run, and resolves when it is held at the call, and stopped, or has ended. */
export async function olderRun(spec: JobSpec, { call, when, paths }: HeldAt): Promise<OlderRun> {
  const trace = paths.flatMap((path) => ['-P', path]);
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:delay_enter=${heldSeconds}s:when=${when}`];
  const node = [process.execPath, '--conditions=sandtune-source', program, JSON.stringify(spec)];
  const child = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...trace, ...inject, ...node], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...compileCache, UV_THREADPOOL_SIZE: '1' },
  });
  let [output, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  // Its ends close with the last process that has them, which is not strace.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let hasClosed = false;
  void closed.then(() => {
    hasClosed = true;
  });
  const strace = child.pid as number;
  let pid: number | undefined;
  let before = '';
  for (let looks = 0, alike = 0; !hasClosed && alike < fewestLooks && looks < mostLooks; looks++) {
    await systemTimers.sleep(lookMs, { keepAlive: true });
    pid ??= childOf(strace);
    const held = pid === undefined ? '' : heldThreads(pid);
    alike = held !== '' && held === before ? alike + 1 : 0;
    before = held;
  }
  const isHeld = !hasClosed && before !== '';
  if (isHeld && pid !== undefined) process.kill(pid, 'SIGSTOP');
  return {
    isHeld,
    goOn: async () => {
      child.kill('SIGKILL');
      if (pid !== undefined && !hasClosed) signal(pid, 'SIGCONT');
      const late = systemTimers.sleep(120_000).then(() => pid !== undefined && signal(pid, 'SIGKILL'));
      void late.catch(() => undefined);
      await closed;
      return { isDone: output.endsWith('done\n'), complaint };
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

function childOf(pid: number): number | undefined {
  const text = textOf(`/proc/${pid}/task/${pid}/children`).trim();
  return text === '' ? undefined : Number(text.split(' ')[0]);
}

/** Threads that stand at a call, and how often each was switched to: as text, which stays while one is held. */
function heldThreads(pid: number): string {
  let names: readonly string[] = [];
  try {
    names = readdirSync(`/proc/${pid}/task`);
  } catch {
    return '';
  }
  return names
    .flatMap((name) => {
      const status = textOf(`/proc/${pid}/task/${name}/status`);
      if (!/^State:\tt/m.test(status)) return [];
      return [`${name}:${/^voluntary_ctxt_switches:\t(\d+)/m.exec(status)?.[1] ?? ''}`];
    })
    .join();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
