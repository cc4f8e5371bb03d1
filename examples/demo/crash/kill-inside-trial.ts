/**
 * Starts the child, waits until it is inside a trial, kills it with SIGKILL at a random moment, and
 * starts it again on the same ledger: it must stand on the anchor.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface CrashResult {
  /** SIGKILL arrived between the trial's first record and its decision. */
  readonly killedInTrial: boolean;
  /** Arm whose window was the last one finished before the kill; null when none was. */
  readonly lastArm: string | null;
  readonly candidate: Readonly<Record<string, unknown>>;
  readonly anchorBefore: Readonly<Record<string, unknown>>;
  /** What the next start stands on. */
  readonly standsOn: Readonly<Record<string, unknown>>;
  readonly onAnchor: boolean;
  readonly note: string | null;
}

interface Line {
  readonly kind: string;
  readonly arm?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly candidate?: Readonly<Record<string, unknown>>;
  readonly anchor?: Readonly<Record<string, unknown>>;
  readonly note?: string | null;
}

const childFile = fileURLToPath(new URL('./child.ts', import.meta.url));
/** A child that has not done its part by then is killed and reported as such. */
const boundMs = 30_000;

export interface KillMoment {
  /** What starts the clock: the trial's first record (nothing is applied yet), or its first window. */
  readonly after: 'record' | 'window';
  readonly delayMs: number;
}

export async function killInsideTrial(seed: number, moment: KillMoment): Promise<CrashResult> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sandtune-crash-'));
  try {
    const first = await runUntilKilled(stateDir, seed, moment);
    const second = await look(stateDir, seed);
    const same = JSON.stringify(sorted(second.settings)) === JSON.stringify(sorted(first.anchor));
    return {
      killedInTrial: first.killedInTrial,
      lastArm: first.lastArm,
      candidate: first.candidate,
      anchorBefore: first.anchor,
      standsOn: second.settings ?? {},
      onAnchor: same && JSON.stringify(sorted(second.anchor)) === JSON.stringify(sorted(first.anchor)),
      note: second.note ?? null,
    };
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function runUntilKilled(stateDir: string, seed: number, { after, delayMs }: KillMoment) {
  const child = startChild(stateDir, seed, []);
  let anchor: Line['anchor'];
  let candidate: Line['candidate'];
  let lastArm: string | null = null;
  let decided = false;
  const watchdog = setTimeout(() => child.kill('SIGKILL'), boundMs);
  let armed = false;
  const arm = () => {
    if (!armed) setTimeout(() => child.kill('SIGKILL'), delayMs);
    armed = true;
  };
  await eachLine(child, (line) => {
    if (line.kind === 'started') anchor = line.anchor;
    if (line.kind === 'decided') decided = true;
    if (line.kind === 'trial') {
      candidate = line.candidate;
      if (after === 'record') arm();
    }
    if (line.kind === 'window' && candidate !== undefined) {
      lastArm = line.arm ?? null;
      arm();
    }
  });
  clearTimeout(watchdog);
  return {
    killedInTrial: candidate !== undefined && !decided && child.signalCode === 'SIGKILL',
    lastArm,
    candidate: candidate ?? {},
    anchor: anchor ?? {},
  };
}

async function look(stateDir: string, seed: number): Promise<Line> {
  const child = startChild(stateDir, seed, ['--look']);
  const watchdog = setTimeout(() => child.kill('SIGKILL'), boundMs);
  let standing: Line | null = null;
  await eachLine(child, (line) => {
    if (line.kind === 'standing') standing = line;
  });
  clearTimeout(watchdog);
  if (standing === null)
    throw new Error(`the restarted child said nothing (exit ${child.exitCode}, signal ${child.signalCode})`);
  return standing;
}

function startChild(stateDir: string, seed: number, more: readonly string[]): ChildProcess {
  return spawn(
    process.execPath,
    [...process.execArgv, childFile, '--state-dir', stateDir, '--seed', `${seed}`, ...more],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

/** Resolves when the child is gone and all it said was heard. */
async function eachLine(child: ChildProcess, hear: (line: Line) => void): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (text) => hear(JSON.parse(text) as Line));
  await gone;
}

function sorted(settings: Readonly<Record<string, unknown>> | undefined): [string, unknown][] {
  return Object.entries(settings ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
