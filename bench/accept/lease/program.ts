/** A program of a story (child.ts) in a process of its own: told what to do, heard, stopped and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemTimers } from '../../../src/foundation/clock.ts';
import type { Mode } from '../../../tuner/options.ts';
import type { ChildOptions, Command, Line, LineOf } from './lines.ts';
import type { Place } from './places.ts';

/** A line with the time it was heard. */
export type Heard<L extends Line = Line> = L & { readonly atMs: number };

interface Wait {
  readonly from: number;
  readonly isIt: (line: Line) => boolean;
  readonly settle: (heard: Heard | null) => void;
}

const startMs = 60_000;
const files = { child: './child.ts', clock: './step-clock.mjs' } as const;
const pathOf = (file: keyof typeof files) => fileURLToPath(new URL(files[file], import.meta.url));

export class Program {
  readonly heard: Heard[] = [];
  readonly #process: ChildProcess;
  readonly #waits = new Set<Wait>();
  readonly #gone: Promise<void>;
  #complaint = '';
  /** When it was found to have ended; null while it runs. */
  goneAtMs: number | null = null;

  constructor(options: ChildOptions, place: Place) {
    const node = [process.execPath, '--conditions=sandtune-source', '--import', pathOf('clock'), pathOf('child')];
    const [command, ...rest] = [...place, ...node, JSON.stringify(options)];
    this.#process = spawn(command as string, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stdin?.on('error', () => undefined);
    this.#process.stderr?.on('data', (text) => (this.#complaint = `${this.#complaint}${text}`.slice(-2000)));
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    lines.on('line', (text) => this.#hear(JSON.parse(text) as Line));
    this.#gone = new Promise((resolve) => {
      this.#process.once('error', (error) => (this.#complaint += error.message));
      this.#process.once('close', () => {
        this.goneAtMs = performance.now();
        for (const wait of this.#waits) wait.settle(null);
        resolve();
      });
    });
  }

  /** @throws {Error} when it does not begin */
  async ready(): Promise<Heard<LineOf<'ready'>>> {
    const heard = await this.until('ready', () => true, startMs);
    if (!heard) throw new Error(`expected a program that begins, got: ${this.#complaint || 'nothing in time'}`);
    return heard;
  }

  tell(command: Command): void {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** Tells it, and waits for what it says. @throws {Error} when it does not */
  async ask<K extends Line['kind']>(command: Command, kind: K, withinMs = 15_000): Promise<Heard<LineOf<K>>> {
    const from = this.heard.length;
    this.tell(command);
    const heard = await this.until(kind, () => true, withinMs, from);
    if (!heard) throw new Error(`expected '${kind}' after '${command.do}', got nothing; ${this.#complaint}`);
    return heard;
  }

  /** The first line of this kind that `isIt`, of those heard from number `from` on; null when it does not come in time. */
  until<K extends Line['kind']>(
    kind: K,
    isIt: (line: LineOf<K>) => boolean,
    withinMs: number,
    from = 0,
  ): Promise<Heard<LineOf<K>> | null> {
    const matches = (line: Line) => line.kind === kind && isIt(line as LineOf<K>);
    const known = this.heard.slice(from).find(matches);
    if (known || this.goneAtMs !== null) return Promise.resolve((known as Heard<LineOf<K>> | undefined) ?? null);
    return new Promise((resolve) => {
      const wait: Wait = {
        from,
        isIt: matches,
        settle: (heard) => {
          clearTimeout(late);
          this.#waits.delete(wait);
          resolve(heard as Heard<LineOf<K>> | null);
        },
      };
      const late = setTimeout(() => wait.settle(null), withinMs);
      this.#waits.add(wait);
    });
  }

  /** The mode it is in, as far as it has said. */
  get mode(): Mode | null {
    return this.of('session').at(-1)?.mode ?? null;
  }

  of<K extends Line['kind']>(kind: K, from = 0): readonly Heard<LineOf<K>>[] {
    return this.heard.slice(from).filter((line): line is Heard<LineOf<K>> => line.kind === kind);
  }

  /** The sizes that were set. */
  applied(from = 0): readonly number[] {
    return this.of('applied', from).map(({ size }) => size);
  }

  /** Its process id as this process sees it, from inside whatever place it runs in. */
  get pid(): number {
    let pid = this.#process.pid ?? 0;
    for (let children = childrenOf(pid); children[0] !== undefined; children = childrenOf(pid)) pid = children[0];
    return pid;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    if (this.goneAtMs === null) process.kill(this.pid, signal);
  }

  /** Sends it the signal, and resolves with whether it then stands still, or goes on, as it should. */
  async holds(signal: 'SIGSTOP' | 'SIGCONT'): Promise<boolean> {
    this.signal(signal);
    for (let tries = 0; tries < 100; tries++) {
      const isStopped = /\) T /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8'));
      if (isStopped === (signal === 'SIGSTOP')) return true;
      await sleep(20);
    }
    return false;
  }

  /** Resolves when it is gone, with all it said heard. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#gone;
  }

  /** Ends it in order. */
  async stop(): Promise<LineOf<'stopped'>> {
    const stopped = await this.ask({ do: 'stop' }, 'stopped');
    await this.#gone;
    return stopped;
  }

  #hear(line: Line): void {
    const heard = { ...line, atMs: performance.now() };
    const number = this.heard.push(heard) - 1;
    for (const wait of this.#waits) if (number >= wait.from && wait.isIt(line)) wait.settle(heard);
  }
}

export function sleep(ms: number): Promise<void> {
  return systemTimers.sleep(ms, { keepAlive: true });
}

/** The processes that a process has started, and that have not ended. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
