/** Turns the trials of a session into the spans `sandtune.trial` and `sandtune.decision`, as its history grows. */
import type { Clock } from '../../src/foundation/clock.ts';
import { startTrialSpan, type TrialSpan } from '../../src/measure/spans.ts';
import { openTrial, type SessionHistory } from '../history.ts';

export class TrialSpans {
  readonly #clock: Clock;
  readonly #executor: string;
  #begun: { readonly trial: number; readonly span: TrialSpan } | null = null;

  constructor(clock: Clock, executor: string) {
    this.#clock = clock;
    this.#executor = executor;
  }

  /** Ends the span of a trial that was closed, begins one for a trial that was opened. To be called when the session has gone on. */
  update(session: SessionHistory): void {
    const open = openTrial(session);
    if (open?.trial === this.#begun?.trial) return;
    const atMs = this.#clock.now();
    this.#end(session, atMs);
    if (!open) return;
    const { trial, purpose, baseline, candidate } = open;
    const start = { clock: this.#clock, startMs: atMs, executor: this.#executor };
    this.#begun = { trial, span: startTrialSpan({ ...start, trial, purpose, baseline, candidate }) };
  }

  #end({ trials }: SessionHistory, endMs: number): void {
    if (!this.#begun) return;
    const { trial, span } = this.#begun;
    this.#begun = null;
    const { decision = null, result = null } = trials.findLast((one) => one.trial === trial) ?? {};
    if (decision) span.decision({ atMs: endMs, ...decision });
    span.end({
      endMs,
      ...(result && {
        verdict: result.verdict,
        effect: result.effect,
        ...(result.allCalls && { allCalls: result.allCalls }),
        eValue: result.eValue,
        pairs: result.pairs,
      }),
    });
  }
}
