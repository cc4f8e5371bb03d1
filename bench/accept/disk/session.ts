/** Runs the scripted session in a process of its own, and reads what it says of its end. */
import { fileURLToPath } from 'node:url';
import type { SessionResult } from './session-child.ts';
import { type Injection, type ProgramRun, runProgram } from './strace.ts';

/** What is taken away from the session, so that its want is seen. */
export type Without = 'way back' | 'word';

export interface SessionRun extends ProgramRun {
  /** null when it ended without one. */
  readonly result: SessionResult | null;
}

const program = fileURLToPath(new URL('./session-child.ts', import.meta.url));

/** @param injection null: nothing is refused, and no call is counted */
export async function runSession(
  stateDir: string,
  without: Without | null,
  injection: Injection | null,
): Promise<SessionRun> {
  const args = ['--state-dir', stateDir, ...(without ? ['--without', without] : [])];
  const run = await runProgram(program, args, injection);
  return { ...run, result: parsed(run.output) };
}

function parsed(output: string): SessionResult | null {
  try {
    return JSON.parse(output) as SessionResult;
  } catch {
    return null;
  }
}
