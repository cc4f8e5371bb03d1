/**
 * Programs of ours on a disk that fails or is slow, by `strace`: system calls of the process and all its
 * threads are refused or delayed on their way to the kernel. It counts calls by thread: of each
 * thread the k-th is meant.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCache } from '../compile-cache.ts';

export interface Injection {
  /** 'pwrite64', 'fsync,fdatasync'. */
  readonly calls: string;
  /** As strace has it: 'error=EIO:when=7', 'delay_enter=20000' (µs). '': calls are only counted. */
  readonly what: string;
  /** Only calls that have to do with these paths. @defaultValue all */
  readonly paths?: readonly string[];
  /** How long each sync takes beside, ms. Left out: as long as it does. */
  readonly syncMs?: number;
}

export interface ProgramRun {
  readonly exitCode: number | null;
  readonly output: string;
  readonly complaint: string;
  /** Calls that were refused or delayed. */
  readonly injected: number;
  /** Calls of these kinds that the thread made which made most. */
  readonly mostByThread: number;
  /** The same by the kind of call; of those that were made. */
  readonly byCall: Readonly<Record<string, number>>;
}

const deadlineSeconds = 60;
let runs = 0;

/** Why no process can be traced here; null where one can. */
export function straceRefused(): string | null {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-qq', '-e', 'trace=none', 'true'], {
    encoding: 'utf8',
  });
  if (error) return `strace cannot be started (${error.message}): apt-get install strace`;
  return status === 0 ? null : `strace is refused: ${stderr.trim()}`;
}

/**
 * For strace alone, and not for what it traces: a busy machine must not keep it from letting a call go on.
 * Empty where that is not allowed.
 */
const first: readonly string[] = ['chrt', '--reset-on-fork', '--fifo', '20'];
const mayGoFirst = spawnSync('chrt', [...first.slice(1), 'true']).status === 0;

/** Runs a program, under strace where something is to be injected. Never rejects. */
export async function runProgram(
  program: string,
  args: readonly string[],
  injection: Injection | null,
): Promise<ProgramRun> {
  const log = join(tmpdir(), `sandtune-strace-${process.pid}-${runs++}`);
  const strace = injection
    ? [...(mayGoFirst ? first : []), 'strace', '-f', '-qq', ...quickly(injection), '-o', log, ...argumentsOf(injection)]
    : [];
  // The limit is set on the program itself: if strace were ended the program would go on.
  const limited = ['timeout', '--signal=KILL', `${deadlineSeconds}`, process.execPath, '--conditions=sandtune-source'];
  const [command = '', ...rest] = [...strace, ...limited, program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...compileCache } });
  let [output, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = injection ? (await readFile(log, 'utf8').catch(() => '')).split('\n') : [];
  await rm(log, { force: true });
  // Of a call that another thread interrupted, the second line begins with '<...'.
  const meant = injection?.calls.split(',') ?? [];
  const calls = lines.filter((line) => meant.includes(/^\d+ +(?:<\.\.\. )?(\w+)/.exec(line)?.[1] ?? ''));
  const begun = calls.filter((line) => /^\d+ +\w+\(/.test(line));
  const byCall = Object.groupBy(begun, (line) => /^\d+ +(\w+)/.exec(line)?.[1] ?? '');
  return {
    exitCode,
    output,
    complaint,
    injected: calls.filter((line) => /\((INJECTED|DELAYED)\)/.test(line)).length,
    mostByThread: mostByThread(begun),
    byCall: Object.fromEntries(Object.entries(byCall).map(([call, list = []]) => [call, mostByThread(list)])),
  };
}

/** @param lines each begins with the thread's id */
function mostByThread(lines: readonly string[]): number {
  const byThread = Object.values(Object.groupBy(lines, (line) => line.split(' ', 1)[0] ?? ''));
  return Math.max(0, ...byThread.map((list) => list?.length ?? 0));
}

const syncs = 'fsync,fdatasync';

/** strace 6.1 stops for the calls that are meant alone, but then injects into none but the first that has to do with a path. */
function quickly({ paths = [] }: Injection): readonly string[] {
  return paths.length === 0 ? ['--seccomp-bpf'] : [];
}

function argumentsOf({ calls, what, syncMs, paths = [] }: Injection): readonly string[] {
  return [
    ...paths.flatMap((path) => ['-P', path]),
    '-e',
    `trace=${calls}${syncMs === undefined ? '' : `,${syncs}`}`,
    ...(what === '' ? [] : ['-e', `inject=${calls}:${what}`]),
    ...(syncMs === undefined ? [] : ['-e', `inject=${syncs}:delay_exit=${syncMs * 1000}`]),
  ];
}
