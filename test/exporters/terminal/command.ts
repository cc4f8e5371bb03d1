/** The `sandtune` command as a real child process, in a folder of its own; or in this process, for what ends at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runCommand } from '../../../exporters/terminal/run-command.ts';

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

/** Without a process of its own, which takes a second to begin on a busy machine. */
export async function sandtuneHere(args: readonly string[]): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await runCommand(args), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
