/** Lives of a job: one that ends by itself, one that strace kills at a call, one that is killed after a while. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { compileCache } from '../compile-cache.ts';
import { type Injection, type ProgramRun, runProgram } from '../disk/strace.ts';
import type { JobSpec } from './jobs.ts';

const program = fileURLToPath(new URL('job-child.ts', import.meta.url));

export interface Life {
  /** It ran to the end of its job. */
  readonly isDone: boolean;
  readonly isKilled: boolean;
  readonly complaint: string;
}

/** @param injection null: it is let */
export async function live(spec: JobSpec, injection: Injection | null): Promise<Life & Pick<ProgramRun, 'byCall'>> {
  const { output, complaint, byCall, exitCode } = await runProgram(program, [JSON.stringify(spec)], injection);
  const isDone = output.endsWith('done\n') && exitCode === 0;
  return { isDone, isKilled: !isDone && complaint === '', complaint, byCall };
}

/** Killed `delayMs` after its run began, or after it had delivered something, unless it is done before. */
export async function liveFor(spec: JobSpec, delayMs: number, after: 'ready' | 'going'): Promise<Life> {
  const child = spawn(process.execPath, ['--conditions=sandtune-source', program, JSON.stringify(spec)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...compileCache },
  });
  let [output, complaint] = ['', ''];
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)));
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.includes(`${after}\n`)) resolve();
    });
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  await Promise.race([ready, ended]);
  await Promise.race([systemTimers.sleep(delayMs, { keepAlive: true }), ended]);
  child.kill('SIGKILL');
  const signal = await ended;
  return { isDone: output.endsWith('done\n'), isKilled: signal === 'SIGKILL', complaint };
}
