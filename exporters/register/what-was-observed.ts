/**
 * What `sandtune observe` says once its program has ended: of each process what its pools reported, and of one that
 * could not report, since it was killed, what the ledger holds.
 *
 *   marks ──▶ reported ───────────────▶ its lines
 *         ├─▶ begun, and still alive ─▶ waited for ──▶ said to go on
 *         └─▶ begun, and gone ────────▶ the stored session ──▶ a report of that
 */
import { dirname } from 'node:path';
import type { Timers } from '../../src/foundation/clock.ts';
import { isSandtuneError, messageOf } from '../../src/foundation/errors.ts';
import { reportOf } from '../stored/report-of.ts';
import { countedText } from '../words/numbers.ts';
import { writtenTo } from './observed-report.ts';
import type { Mark, ObservedThread, Observer } from './observer.ts';

/** How the program ended, for messages. */
export interface EndedProgram {
  /** As it was started: 'node'. */
  readonly program: string;
  readonly pid: number | undefined;
  readonly signal: NodeJS.Signals | null;
}

type Begun = Extract<Mark, { kind: 'begun' }>;

const everyMs = 50;
/** Processes that the program has left behind, and that are ending, have this long to report. */
const mostWaits = 40;

export async function whatWasObserved(
  observer: Observer,
  ended: EndedProgram,
  timers: Timers,
): Promise<readonly string[]> {
  for (let waits = 0; waits < mostWaits; waits++) {
    if (!observer.threads().some((one) => unreported(one).length > 0 && isAlive(one.pid))) break;
    await timers.sleep(everyMs, { keepAlive: true });
  }
  const threads = observer.threads();
  const seen = threads.filter(({ marks }) => marks.length > 0);
  const isOne = seen.length === 1;
  const lines: string[] = [];
  for (const one of seen) {
    const where = isOne ? '' : `${placeText(one)}: `;
    for (const line of await linesOfThread(one, ended)) lines.push(`${where}${line}`);
  }
  if (seen.some(({ marks }) => marks.some(({ kind }) => kind === 'begun'))) {
    return isOne ? lines : [`${countedText(processCount(seen), 'process', 'processes')} observed`, ...lines];
  }
  return [...lines, nothingText(ended, threads.length)];
}

function nothingText({ program, signal }: EndedProgram, threadCount: number): string {
  const how = signal === null ? '' : `, which ${signal} ended`;
  const reached =
    threadCount === 0
      ? '; no process of a Node that can be observed was reached, which takes its NODE_OPTIONS from its environment'
      : '; wrap() and tune() measure everything else';
  return `no call of a piscina pool was seen in ${program}${how}${reached}`;
}

async function linesOfThread(one: ObservedThread, ended: EndedProgram): Promise<readonly string[]> {
  const lines = one.marks.flatMap((mark) =>
    mark.kind === 'reported' ? mark.lines : mark.kind === 'said' ? [mark.line] : [],
  );
  for (const begun of unreported(one)) {
    if (isAlive(one.pid))
      lines.push(`'${begun.executor}' goes on: process ${one.pid} still runs, and reports when it ends`);
    else lines.push(...(await storedLines(begun, one, ended)));
  }
  return lines;
}

async function storedLines(
  begun: Begun,
  { pid, thread }: ObservedThread,
  ended: EndedProgram,
): Promise<readonly string[]> {
  const { executor, session, ledger } = begun;
  const by = pid === ended.pid && ended.signal !== null ? ` by ${ended.signal}` : '';
  const why = `a call of '${executor}' was seen, but its ${thread === 0 ? 'process' : 'thread'} was ended${by} before it could report`;
  if (ledger === ':memory:') return [`${why}, and nothing of it was stored`];
  try {
    const made = await reportOf(dirname(ledger), { session });
    return [`${why}; what was stored of it: ${made.data.verdict.line}`, ...writtenTo(made, ledger)];
  } catch (error) {
    const isMissing = isSandtuneError(error) && ['ERR_SANDTUNE_OPTION', 'ERR_SANDTUNE_LEDGER'].includes(error.code);
    return [`${why}, and nothing of it ${isMissing ? 'was stored by then' : `can be read: ${messageOf(error)}`}`];
  }
}

function unreported({ marks }: ObservedThread): readonly Begun[] {
  const reported = new Set(marks.flatMap((mark) => (mark.kind === 'reported' ? [mark.session] : [])));
  return marks.filter((mark): mark is Begun => mark.kind === 'begun' && !reported.has(mark.session));
}

function placeText({ program, pid, thread }: ObservedThread): string {
  return `${program} (process ${pid}${thread === 0 ? '' : `, thread ${thread}`})`;
}

function processCount(threads: readonly ObservedThread[]): number {
  return new Set(threads.map(({ pid }) => pid)).size;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
