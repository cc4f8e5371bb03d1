/** The figures of `accept -- disk` against their limits. */
import { atLeast, atMost, exactly, type Row, skipped, withoutLimit } from '../rows.ts';
import type { DiskWrong, FailedRun } from './failing.ts';
import type { Without } from './session.ts';
import { type Round, stallMs, usualStallMs } from './stalls.ts';

export interface DiskResults {
  /** What could not be run here, and why. */
  readonly refused: readonly { readonly what: string; readonly reason: string }[];
  /** Writes of the scripted session; null where they could not be counted. */
  readonly writes: number | null;
  readonly runs: readonly FailedRun[];
  readonly controls: readonly { readonly without: Without; readonly runs: readonly FailedRun[] }[];
  readonly rounds: readonly Round[];
}

export const limits = Object.freeze({ writes: 300, stallMs: 20 });

const wrongNames: Readonly<Record<DiskWrong, string>> = {
  anchor: 'executors that did not end on the anchor',
  told: 'sessions that lost entries without a word',
  raw: 'sessions with something uncaught, or without a result',
  unreadable: 'ledgers that cannot be read, without a word',
  replay: 'ledgers whose replay differs',
  chain: 'ledgers whose chain is not whole',
  agreement: 'ledgers whose last anchor is not the one kept',
};

/** Of each guard, what is wrong without it. */
const guarded: Readonly<Record<Without, DiskWrong>> = { 'way back': 'anchor', word: 'told' };

export function diskRows({ refused, writes, runs, controls, rounds }: DiskResults): readonly Row[] {
  const faults = [...new Set(runs.map(({ fault }) => fault))];
  return [
    ...refused.map(({ what, reason }) => skipped(what, reason)),
    ...(writes === null ? [] : [atMost('writes of the session', writes, limits.writes)]),
    ...faults.map((fault) => {
      const ofFault = runs.filter((run) => run.fault === fault);
      return exactly(`${fault}: faults that fired`, ofFault.filter(({ fired }) => fired).length, ofFault.length);
    }),
    ...(runs.length === 0 ? [] : Object.keys(wrongNames)).map((wrong) => wrongRow(wrong as DiskWrong, runs)),
    ...controls.map(({ without, runs: control }) => {
      const wrong = guarded[without];
      return atLeast(`${wrongNames[wrong]}, without the ${without}`, countOf(wrong, control), 1);
    }),
    ...[...new Set(rounds.map(({ syncMs }) => syncMs))].flatMap((syncMs) => stallRows(rounds, syncMs)),
  ];
}

function wrongRow(wrong: DiskWrong, runs: readonly FailedRun[]): Row {
  return exactly(wrongNames[wrong], countOf(wrong, runs), 0);
}

function countOf(wrong: DiskWrong, runs: readonly FailedRun[]): number {
  return runs.filter((run) => wrong in run.wrong).length;
}

function stallRows(all: readonly Round[], syncMs: number): readonly Row[] {
  const rounds = all.filter((one) => one.syncMs === syncMs && !one.waiting);
  const waiting = all.filter((one) => one.syncMs === syncMs && one.waiting);
  const syncs = `syncs of ${syncMs} ms`;
  const ofMode = (mode: 'observe' | 'auto') => [
    atMost(`${syncs}: longest stall in ${mode}, less the host's own, ms`, stallMs(rounds, mode), limits.stallMs),
    withoutLimit(`${syncs}: the same round by round, median, ms`, usualStallMs(rounds, mode)),
  ];
  return [
    atLeast(
      `${syncs}: delayed`,
      rounds.reduce((sum, one) => sum + one.delayed, 0),
      10 * rounds.length,
    ),
    atLeast(
      `${syncs}: trials begun`,
      rounds.reduce((sum, one) => sum + one.trials, 0),
      rounds.length,
    ),
    exactly(`${syncs}: uncaught, or without a result`, [...rounds, ...waiting].flatMap(({ raw }) => raw).length, 0),
    withoutLimit(
      `${syncs}: longest stall of the host without sandtune, ms`,
      Math.max(...rounds.map(({ longestMs }) => longestMs.none)),
    ),
    withoutLimit(`${syncs}: noise (the same host once more, less the first), ms`, stallMs(rounds, 'none again')),
    ...ofMode('observe'),
    ...ofMode('auto'),
    ...(waiting.length === 0
      ? []
      : [
          atLeast(
            `${syncs}: longest stall in observe, where the host waits for each write, ms`,
            stallMs(waiting, 'observe'),
            limits.stallMs,
          ),
        ]),
  ];
}
