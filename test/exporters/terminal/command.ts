/** The `sandtune` command as a real child process, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../exporters/terminal/main.ts', import.meta.url));

export const smallConfig = fileURLToPath(new URL('./small-config-fixture.mts', import.meta.url));

/** The command as a program and its arguments. */
export function commandLine(args: readonly string[]): readonly string[] {
  return [process.execPath, '--conditions=sandtune-source', main, ...args];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function sandtune(folder: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return started(folder, args, environment).ended;
}

/** For tests that send signals. */
export function started(
  folder: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const { SANDTUNE_DIR: _, SANDTUNE_MODE: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--conditions=sandtune-source', main, ...args], {
    cwd: folder,
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (data: Buffer) => {
      texts[name] += data.toString();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
  return { child, ended };
}
