/** The bench's side of an arm that runs in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemTimers } from '../../src/foundation/clock.ts';
import type { OpenArm } from '../compare.ts';
import type { Answer, PackageLocation, Question } from './protocol.ts';

export interface RemoteArm {
  /** URL of a module with `openArm`. */
  readonly module: URL;
  /** Plain data for it. */
  readonly spec: unknown;
  readonly package: PackageLocation;
  /** Ends the process at once. */
  readonly signal?: AbortSignal;
}

/** The package of this checkout. */
export const ourPackage: PackageLocation = { root: fileURLToPath(new URL('../../', import.meta.url)), names: null };

const program = fileURLToPath(new URL('./arm-process.ts', import.meta.url));
/** A process that has not answered, or ended, by then is killed. */
const answerDeadlineMs = 120_000;
const closeDeadlineMs = 10_000;
/** How many of the last characters of a process's stderr are kept for its error. */
const keptCharacters = 2000;

/** @throws what the arm says it failed of, or how its process ended */
export async function openRemoteArm({ module, spec, package: location, signal }: RemoteArm): Promise<OpenArm> {
  const child = fork(program, [], {
    execArgv: ['--conditions=sandtune-source'],
    // Ctrl-C is for the bench, which ends its arms itself.
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(signal && { signal }),
    killSignal: 'SIGKILL',
  });
  const conversation = new Conversation(child);
  try {
    await conversation.ask({ kind: 'open', module: module.href, spec, package: location });
  } catch (error) {
    await conversation.end();
    throw error;
  }
  return {
    measure: async (share) => {
      const answer = await conversation.ask({ kind: 'measure', share });
      if (answer.kind !== 'measured') throw new Error(`expected 'measured', got '${answer.kind}'`);
      return answer.numbers;
    },
    [Symbol.asyncDispose]: () => conversation.end(),
  };
}

class Conversation {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #complaint = '';
  #waiting: PromiseWithResolvers<Answer> | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-keptCharacters);
    });
    child.on('message', (answer: Answer) => {
      if (answer.kind === 'failed') this.#waiting?.reject(new Error(answer.message));
      else this.#waiting?.resolve(answer);
      this.#waiting = null;
    });
    this.#ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#waiting?.reject(new Error(`${reason}${this.#complaint && `: ${this.#complaint}`}`.trim()));
        this.#waiting = null;
        resolve(reason);
      };
      child.once('error', (error) => end(error.message));
      // At `exit` the last of its stderr may still be on its way, so `close` is awaited.
      child.once('close', (code, killedBy) => end(`the arm's process ended with ${killedBy ?? code}`));
    });
  }

  async ask(question: Question): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting = waiting;
    this.#child.send(question, (error) => {
      if (error) waiting.reject(error);
    });
    await using _ = this.#killAfter(answerDeadlineMs);
    return await waiting.promise;
  }

  /** Ends the process, by force if it does not end in time. Never rejects. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.send({ kind: 'close' } satisfies Question, () => undefined);
    await using _ = this.#killAfter(closeDeadlineMs);
    await this.#ended;
  }

  /** Kills the process after `ms`, unless what it returns is disposed before. */
  #killAfter(ms: number): AsyncDisposable {
    const over = new AbortController();
    const killed = systemTimers.sleep(ms, { signal: over.signal, keepAlive: true }).then(
      () => this.#child.kill('SIGKILL'),
      () => false,
    );
    return {
      [Symbol.asyncDispose]: async () => {
        over.abort();
        await killed;
      },
    };
  }
}
