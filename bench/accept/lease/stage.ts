/** What a story is played on: a folder for one ledger, programs that share it, and the faults that have fired. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildOptions } from './lines.ts';
import { here, type Place, pod } from './places.ts';
import { childrenOf, Program, sleep } from './program.ts';

export type ProgramOptions = Omit<ChildOptions, 'stateDir'>;

export class Stage implements AsyncDisposable {
  readonly stateDir: string;
  readonly #programs: Program[] = [];
  readonly #pods: ChildProcess[] = [];
  /** Faults that are known to have struck. */
  fired = 0;

  constructor(stateDir: string) {
    this.stateDir = stateDir;
  }

  /** A program that has begun. */
  async start(options: ProgramOptions = {}, place: Place = here): Promise<Program> {
    const program = new Program({ stateDir: this.stateDir, ...options }, place);
    this.#programs.push(program);
    await program.ready();
    return program;
  }

  /** A container in which nothing of ours runs yet. @returns the id of its first process, seen from here */
  async pod(): Promise<number> {
    const [command, ...rest] = pod;
    const started = spawn(command as string, rest, { stdio: 'ignore' });
    this.#pods.push(started);
    for (let tries = 0; tries < 100; tries++) {
      const [pid] = childrenOf(started.pid ?? 0);
      if (pid !== undefined) return pid;
      await sleep(50);
    }
    throw new Error('expected a container, got none');
  }

  /** Lets programs of other users write the ledger. */
  async share(): Promise<void> {
    await chmod(this.stateDir, 0o777);
    for (const file of await readdir(this.stateDir)) await chmod(join(this.stateDir, file), 0o666);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#pods) one.kill('SIGKILL');
    await Promise.all(this.#programs.map((program) => program.kill().catch(() => undefined)));
    await rm(this.stateDir, { recursive: true, force: true });
  }
}

export async function newStage(): Promise<Stage> {
  return new Stage(await mkdtemp(join(tmpdir(), 'sandtune-lease-')));
}
