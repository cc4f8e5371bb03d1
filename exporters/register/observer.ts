/**
 * How `sandtune observe` learns what became of the pools of the program it has started: each thread that is
 * observed, of whichever process, leaves marks in a file of its own, in a folder that its environment names.
 *
 *   thread ── process ── begun ── reported ──▶ <folder>/<pid>-<thread> ──▶ observer.threads()
 *                          └── (killed) ─────▶ begun, and no more
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { threadId } from 'node:worker_threads';

const variable = 'SANDTUNE_OBSERVER';

export type Mark =
  /** A pool is measured from now on: what is seen is in this session of this ledger. */
  | { readonly kind: 'begun'; readonly executor: string; readonly session: number; readonly ledger: string }
  | { readonly kind: 'reported'; readonly session: number; readonly lines: readonly string[] }
  /** Something that whoever observes should know. */
  | { readonly kind: 'said'; readonly line: string };

export interface ObservedThread {
  readonly pid: number;
  /** 0: the main thread. */
  readonly thread: number;
  /** What runs there, as a user would recognise it: 'app.mjs'. */
  readonly program: string;
  readonly marks: readonly Mark[];
}

export interface Observer extends Disposable {
  readonly environment: Readonly<Record<string, string>>;
  /** Those that could be observed, with pools or without. */
  threads(): readonly ObservedThread[];
}

export function listenToObserved(): Observer {
  const folder = mkdtempSync(join(tmpdir(), 'sandtune-observe-'));
  return {
    environment: { [variable]: folder },
    threads: () => readdirSync(folder).flatMap((name) => threadIn(readFileSync(join(folder, name), 'utf8'))),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** One line a mark; the first says whose they are. Half a line is left out, as of a process that was killed or a full disk. */
function threadIn(text: string): readonly ObservedThread[] {
  const [head, ...marks] = text.split('\n').slice(0, -1).flatMap(lineIn);
  return head === undefined ? [] : [{ ...(head as Omit<ObservedThread, 'marks'>), marks: marks as Mark[] }];
}

function lineIn(line: string): readonly unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** This thread is observed. Never throws. */
export function presentToObserver(host: NodeJS.Process): void {
  appended(host, { pid: host.pid, thread: threadId, program: basename(host.argv[1] ?? host.argv0) });
}

/** Never throws. @returns false where nobody observes this process, or whoever did has gone */
export function tellObserver(host: NodeJS.Process, mark: Mark): boolean {
  return appended(host, mark);
}

function appended(host: NodeJS.Process, line: object): boolean {
  const folder = host.env[variable];
  if (folder === undefined) return false;
  try {
    appendFileSync(join(folder, `${host.pid}-${threadId}`), `${JSON.stringify(line)}\n`);
    return true;
  } catch {
    return false;
  }
}
