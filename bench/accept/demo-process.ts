/** Runs `npm start`'s program in a process of its own and reads its JSON. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DemoResult } from '../../examples/demo/result.ts';

export interface DemoRun {
  readonly seconds: number;
  readonly exitCode: number | null;
  /** null when the process ended without a result. */
  readonly result: DemoResult | null;
  /** The last 2,000 characters of its stderr; empty after a good run. */
  readonly complaint: string;
}

const main = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));
/** A run that takes longer than this is killed and fails. */
const deadlineMs = 240_000;

/** Never rejects: a run that fails is a run with an exit code. */
export async function runDemoProcess(args: readonly string[]): Promise<DemoRun> {
  const startMs = performance.now();
  const child = spawn(process.execPath, ['--conditions=sandtune-source', main, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: deadlineMs,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    seconds: (performance.now() - startMs) / 1000,
    exitCode,
    result: parsed(out),
    complaint: err.slice(-2000),
  };
}

function parsed(out: string): DemoResult | null {
  try {
    return JSON.parse(out) as DemoResult;
  } catch {
    return null;
  }
}
