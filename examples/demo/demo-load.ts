/** The demo's calls as a closed loop on its sandbox, which may be stopped and started again. Acceptance runs it too. */
import type { Sandbox } from 'sandtune';
import { type RunningLoad, startLoad } from './load.ts';
import { type Corpus, createMix, type DemoCall, isVerifiable, verify } from './workload.ts';

/** Calls kept in flight by the demo: as few as keep all workers busy, so that each window is short. */
const callsInFlight = 64;

/** What was checked over all runs of the loop. */
export interface CheckedResults {
  readonly checked: number;
  readonly wrongCount: number;
  /** What was wrong with the first of each run. */
  readonly wrong: readonly string[];
}

export class DemoLoad {
  readonly #sandbox: Sandbox;
  readonly #mix: ReturnType<typeof createMix>;
  readonly #concurrency: number;
  #running: RunningLoad | null = null;
  #before: CheckedResults = { checked: 0, wrongCount: 0, wrong: [] };

  constructor(sandbox: Sandbox, corpus: Corpus, seed: number, concurrency = callsInFlight) {
    this.#concurrency = concurrency;
    this.#sandbox = sandbox;
    this.#mix = createMix(corpus, seed);
  }

  start(): void {
    const functions = new Map(this.#mix.schedule.map((call) => [call.function, this.#sandbox.function(call.function)]));
    this.#running = startLoad<DemoCall>({
      run: (call) =>
        functions.get(call.function)?.(...call.args) ?? Promise.reject(new Error(`no function ${call.function}`)),
      nextCall: () => this.#mix.nextCall(),
      concurrency: this.#concurrency,
      check: verify,
      checkable: isVerifiable,
    });
  }

  /** Resolves when all that was offered has settled. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running) this.#before = sumOf(this.#before, await running.stop());
  }

  /** What was checked until now. */
  results(): CheckedResults {
    return this.#running ? sumOf(this.#before, this.#running.totals()) : this.#before;
  }
}

function sumOf(before: CheckedResults, { checked, wrongCount, wrong }: CheckedResults): CheckedResults {
  return {
    checked: before.checked + checked,
    wrongCount: before.wrongCount + wrongCount,
    wrong: [...before.wrong, ...wrong],
  };
}
