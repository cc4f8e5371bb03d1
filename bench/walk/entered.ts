/**
 * Which of our files were entered, as V8 counts it: precise coverage of functions, started once and
 * taken before and after what is looked at. Taking resets the counts, so what the second one holds is
 * what was called in between. A module's own top level is left out: loading a file is not entering it.
 */
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where a worker says which files its last message went through. */
export const workerChannel = 'sandtune-walk';

export class EnteredFiles {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** Files of src/ and tuner/ in which a function was called since the last time, ascending. Answers at once. */
  take(): readonly string[] {
    const entered = new Set<string>();
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error) throw error;
      for (const { url, functions } of coverage.result) {
        const file = url.startsWith('file:') ? fileURLToPath(url) : '';
        if (!file.startsWith(`${root}src/`) && !file.startsWith(`${root}tuner/`)) continue;
        const called = functions.some(({ functionName, ranges: [range] }) => {
          const topLevel = functionName === '' && range?.startOffset === 0;
          return !topLevel && (range?.count ?? 0) > 0;
        });
        if (called) entered.add(file.slice(root.length));
      }
    });
    return [...entered].sort();
  }

  end(): void {
    this.#session.disconnect();
  }
}
