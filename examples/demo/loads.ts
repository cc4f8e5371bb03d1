import type { Sandbox } from 'sandtune';
import { type RunningLoad, startLoad } from './load.ts';
import { type Corpus, createMix, type DemoCall, isVerifiable, verify } from './workload.ts';

/** Calls kept in flight by the closed loop. */
export const concurrency = 256;

/** The closed loop, which may be stopped and started again; what it checked is summed up. */
export class Loads {
  readonly #sandbox: Sandbox;
  readonly #mix: ReturnType<typeof createMix>;
  #running: RunningLoad | null = null;
  /** Results that were checked, over all runs of the loop. */
  checked = 0;
  wrongCount = 0;
  /** What was wrong with the first of each run of the loop. */
  wrong: string[] = [];

  constructor(sandbox: Sandbox, corpus: Corpus, seed: number) {
    this.#sandbox = sandbox;
    this.#mix = createMix(corpus, seed);
  }

  start(): void {
    const functions = new Map(this.#mix.schedule.map((call) => [call.function, this.#sandbox.function(call.function)]));
    this.#running = startLoad<DemoCall>({
      run: (call) =>
        functions.get(call.function)?.(...call.args) ?? Promise.reject(new Error(`no function ${call.function}`)),
      nextCall: () => this.#mix.nextCall(),
      concurrency,
      check: verify,
      checkable: isVerifiable,
    });
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (!running) return;
    const totals = await running.stop();
    this.checked += totals.checked;
    this.wrongCount += totals.wrongCount;
    this.wrong.push(...totals.wrong);
  }
}
