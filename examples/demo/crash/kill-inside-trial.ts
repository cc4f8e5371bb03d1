/**
 * Starts a child on a committed anchor, waits until it is inside a trial, kills it with SIGKILL, and
 * starts it again on the same ledger: it must stand on that anchor, not on what it is configured
 * with, and say which trial was cut off.
 */
import { rm } from 'node:fs/promises';
import type { CommittedFolder } from './committed-folder.ts';
import { type ChildRun, lineOf, runChild } from './run-child.ts';
import { configured } from './settings.ts';

type AnySettings = Readonly<Record<string, unknown>>;

export interface CrashResult {
  /** SIGKILL arrived between the moment the trial was on disk, before which nothing is tried, and its decision. */
  readonly killedInTrial: boolean;
  /** Arm whose window was the last one finished before the kill; null when none was. */
  readonly lastArm: string | null;
  readonly candidate: AnySettings;
  /** What every start is configured with. */
  readonly configured: AnySettings;
  /** The setting that was committed before the kill; it differs from the configured one. */
  readonly anchorBefore: AnySettings;
  /** What the next start stands on. */
  readonly standsOn: AnySettings;
  /** The killed process and the next one both stood on `anchorBefore`. */
  readonly onAnchor: boolean;
  /** The next start's note is about this very trial. */
  readonly noteNamesTrial: boolean;
  readonly note: string | null;
}

export interface KillMoment {
  /** What starts the clock: the trial's first record is on disk (its arms are being warmed), or its first window. */
  readonly after: 'record' | 'window';
  readonly delayMs: number;
}

export interface KillOptions {
  /** Delete the ledger before the second start: to see that a start without memory fails the same test. */
  readonly ledgerLost?: boolean;
  /** Ends the child that runs. */
  readonly signal?: AbortSignal;
}

/** @throws the signal's reason when it is aborted */
export async function killInsideTrial(
  committed: CommittedFolder,
  seed: number,
  moment: KillMoment,
  { ledgerLost = false, signal }: KillOptions = {},
): Promise<CrashResult> {
  await using folder = await committed.copy();
  const { stateDir } = folder;
  const first = await runUntilKilled({ stateDir, seed, role: 'trial', ...(signal && { signal }) }, moment);
  if (ledgerLost) await rm(stateDir, { recursive: true });
  const second = await lineOf({ stateDir, seed, role: 'restart', ...(signal && { signal }) }, 'standing');
  const expected = committed.anchor;
  return {
    killedInTrial: first.killedInTrial,
    lastArm: first.lastArm,
    candidate: first.candidate,
    configured,
    anchorBefore: expected,
    standsOn: second.settings ?? {},
    onAnchor: [first.anchor, second.anchor, second.settings].every((one) => isSame(one, expected)),
    noteNamesTrial: first.killedInTrial && second.trial === first.trial && isSame(second.candidate, first.candidate),
    note: second.note ?? null,
  };
}

async function runUntilKilled(run: ChildRun, { after, delayMs }: KillMoment) {
  let anchor: AnySettings = {};
  let candidate: AnySettings | null = null;
  let trial: number | null = null;
  let lastArm: string | null = null;
  let decided = false;
  let armed = false;
  const { signalCode } = await runChild(run, (line, kill) => {
    const arm = () => {
      if (!armed) kill(delayMs);
      armed = true;
    };
    if (line.kind === 'started') anchor = line.anchor ?? {};
    if (line.kind === 'decided') decided = true;
    if (line.kind === 'trial' && trial === null) {
      trial = line.trial ?? null;
      candidate = line.candidate ?? {};
      if (after === 'record') arm();
    }
    if (line.kind === 'window' && trial !== null) {
      lastArm = line.arm ?? null;
      arm();
    }
  });
  return {
    killedInTrial: trial !== null && !decided && signalCode === 'SIGKILL',
    trial,
    lastArm,
    candidate: candidate ?? {},
    anchor,
  };
}

function isSame(one: AnySettings | undefined, other: AnySettings): boolean {
  return JSON.stringify(sorted(one ?? {})) === JSON.stringify(sorted(other));
}

function sorted(settings: AnySettings): [string, unknown][] {
  return Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
}
