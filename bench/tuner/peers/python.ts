/** A Python program that answers a line of JSON with a line of JSON, one question at a time. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** Debian's comes first: its packages are not seen by others. */
const candidates = ['/usr/bin/python3', 'python3'];
const keptCharacters = 2000;

/** @returns a Python that has `module`, null where there is none */
export async function pythonWith(module: string): Promise<string | null> {
  for (const python of candidates)
    if (
      await promisify(execFile)(python, ['-c', `import ${module}`]).then(
        () => true,
        () => false,
      )
    )
      return python;
  return null;
}

export class PythonProgram implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #complaint = '';

  constructor(python: string, file: string) {
    // Its arrays are small, and both CPUs are busy with worlds.
    this.#child = spawn(python, [file], { env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-keptCharacters);
    });
    // What it could not be told shows in the answer that does not come.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      // At `exit` the last of what it said may still be on its way.
      this.#child.once('close', resolve).once('error', (error) => {
        this.#complaint = error.message;
        resolve(error);
      });
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws what the program said before it ended, if it ended */
  async ask(question: object): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) await this.#ended;
    if (done) throw new Error(`the Python program ended: ${this.#complaint.trim() || 'it said nothing'}`);
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    this.#child.kill();
    await this.#ended;
  }
}
