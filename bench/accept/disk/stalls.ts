/**
 * How long a host stands still while the disk takes its time for each sync: four hosts at once, two of them
 * without sandtune, so that what disturbs the machine disturbs them all. By how much those two differ
 * is the noise.
 */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from '../../../tuner/trial/statistics.ts';
import type { HostResult } from './host-child.ts';
import { runProgram } from './strace.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const hosts = ['none', 'none again', 'observe', 'auto'] as const;
export type HostName = (typeof hosts)[number];

export interface Round {
  readonly syncMs: number;
  /** The hosts wait for each write, as they would for a writer on their own thread. */
  readonly waiting: boolean;
  /** Longest delay of each host's timer, ms. NaN of one without a result. */
  readonly longestMs: Readonly<Record<HostName, number>>;
  /** Syncs that were delayed, of all four. */
  readonly delayed: number;
  /** Trials that were begun. */
  readonly trials: number;
  readonly raw: readonly string[];
}

const program = fileURLToPath(new URL('./host-child.ts', import.meta.url));
const forMs = 6000;

export async function stallRound(syncMs: number, waiting: boolean): Promise<Round> {
  const results = await Promise.all(hosts.map((host) => runHost(host, syncMs, waiting)));
  const longest = results.map(({ host, result }) => [host, result.longestMs] as const);
  return {
    syncMs,
    waiting,
    longestMs: Object.fromEntries(longest) as Round['longestMs'],
    delayed: results.reduce((sum, { injected }) => sum + injected, 0),
    trials: results.reduce((sum, { result }) => sum + result.trials, 0),
    raw: results.flatMap(({ result }) => result.raw),
  };
}

/** Longest delay of a host over all rounds, less that of the host without sandtune. */
export function stallMs(rounds: readonly Round[], host: HostName): number {
  const longest = (name: HostName) => Math.max(...rounds.map(({ longestMs }) => longestMs[name]));
  return longest(host) - longest('none');
}

/** The same round by round, and of these the median. */
export function usualStallMs(rounds: readonly Round[], host: HostName): number {
  return median(rounds.map(({ longestMs }) => longestMs[host] - longestMs.none));
}

async function runHost(host: HostName, syncMs: number, waiting: boolean) {
  await using folder = await temporaryDirectory(tmpdir());
  const mode = host === 'none again' ? 'none' : host;
  const args = ['--mode', mode, '--state-dir', folder.path, '--ms', `${forMs}`, ...(waiting ? ['--waiting'] : [])];
  const slow = { calls: 'fsync,fdatasync', what: `delay_enter=${syncMs * 1000}` };
  const run = await runProgram(program, args, slow);
  return { host, injected: run.injected, result: parsed(run.output) ?? without(run.complaint) };
}

function parsed(output: string): HostResult | null {
  try {
    return JSON.parse(output) as HostResult;
  } catch {
    return null;
  }
}

function without(complaint: string): HostResult {
  return { longestMs: Number.NaN, calls: 0, entries: 0, trials: 0, raw: [`no result: ${complaint.slice(-1000)}`] };
}
