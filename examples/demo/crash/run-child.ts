/** Starts the child in one of its roles and hears what it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Line {
  readonly kind: string;
  readonly arm?: string;
  readonly trial?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly candidate?: Readonly<Record<string, unknown>>;
  readonly anchor?: Readonly<Record<string, unknown>>;
  readonly note?: string | null;
}

export interface ChildRun {
  readonly stateDir: string;
  readonly seed: number;
  readonly role: 'commit' | 'trial' | 'restart';
  /** Kills the child. */
  readonly signal?: AbortSignal;
}

/** What one child has compiled the next need not, nor its workers. */
const compiled = fileURLToPath(new URL('../../../node_modules/.cache/sandtune-compiled', import.meta.url));
const childFile = fileURLToPath(new URL('./child.ts', import.meta.url));
/** A child that has not ended by then is killed. */
const deadlineMs = 75_000;

/**
 * Resolves with how it ended when the child is gone and all it said was heard.
 * @throws the signal's reason when it is aborted, once the child is gone
 */
export async function runChild(
  { stateDir, seed, role, signal }: ChildRun,
  hear: (line: Line, kill: (afterMs: number) => void) => void,
): Promise<Pick<ChildProcess, 'exitCode' | 'signalCode'>> {
  signal?.throwIfAborted();
  const child = spawn(
    process.execPath,
    [...process.execArgv, childFile, '--state-dir', stateDir, '--seed', `${seed}`, '--role', role],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: compiled } },
  );
  const kill = () => child.kill('SIGKILL');
  const timers = [setTimeout(kill, deadlineMs)];
  signal?.addEventListener('abort', kill, { once: true });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  createInterface({ input: child.stdout }).on('line', (text) =>
    hear(JSON.parse(text) as Line, (afterMs) => timers.push(setTimeout(kill, afterMs))),
  );
  await gone;
  for (const timer of timers) clearTimeout(timer);
  signal?.removeEventListener('abort', kill);
  signal?.throwIfAborted();
  return child;
}

/** The one line of this kind that the child says before it ends. @throws {Error} when it does not */
export async function lineOf(run: ChildRun, kind: string): Promise<Line> {
  let found: Line | null = null;
  const { exitCode, signalCode } = await runChild(run, (line) => {
    if (line.kind === kind) found = line;
  });
  if (found === null)
    throw new Error(
      `the child in its role '${run.role}' did not say '${kind}' (exit ${exitCode}, signal ${signalCode})`,
    );
  return found;
}
