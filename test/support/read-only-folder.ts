/** A folder that is mounted read-only, for one command. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface EndedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command where `folder` is mounted read-only, and is where it runs. */
export function whereNothingCanBeWritten(folder: string, command: readonly string[]): EndedCommand {
  const mount = `mount --bind '${folder}' '${folder}' && mount -o remount,ro,bind '${folder}' && cd '${folder}'`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', `${mount} && exec "$@"`, 'sh', ...command],
    {
      encoding: 'utf8',
    },
  );
  return { code: status, stdout, stderr };
}

/** True where the system does not let a test mount anything. */
export const isMountRefused =
  whereNothingCanBeWritten(fileURLToPath(new URL('.', import.meta.url)), ['true']).code !== 0;

/** For the name of a test that is skipped for it. */
export const whyNoMount = isMountRefused ? ' (skipped: unshare or mount is refused here)' : '';
