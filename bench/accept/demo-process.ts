/** Runs `npm start`'s program in a process of its own and reads its JSON. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DemoResult } from '../../examples/demo/result.ts';

const main = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));
/** A run that takes longer than this is killed and fails. */
const boundMs = 240_000;

export async function runDemoProcess(
  args: readonly string[],
): Promise<{ readonly result: DemoResult; readonly seconds: number }> {
  const startMs = performance.now();
  const child = spawn(process.execPath, ['--conditions=sandtune-source', main, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: boundMs,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${err.slice(-2000)}`);
  return { result: JSON.parse(out) as DemoResult, seconds: (performance.now() - startMs) / 1000 };
}
