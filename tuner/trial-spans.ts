/** Turns records into the spans `tuner.trial` and `tuner.decision`, as they are written. */
import type { Clock } from '../src/foundation/clock.ts';
import { startTrialSpan, type TrialSpan } from '../src/measure/spans.ts';
import type { TrialResult, TunerRecord } from './entries/entries.ts';

export class TrialSpans {
  readonly #clock: Clock;
  readonly #executor: string;
  #open: TrialSpan | null = null;
  #result: TrialResult | null = null;

  constructor(clock: Clock, executor: string) {
    this.#clock = clock;
    this.#executor = executor;
  }

  follow(record: TunerRecord): void {
    const atMs = this.#clock.now();
    switch (record.kind) {
      case 'trial': {
        this.#end(atMs);
        const { trial, purpose, baseline, candidate } = record;
        this.#open = startTrialSpan({
          clock: this.#clock,
          startMs: atMs,
          executor: this.#executor,
          trial,
          purpose,
          baseline,
          candidate,
        });
        break;
      }
      case 'verdict':
        this.#result = record.result;
        break;
      case 'decision':
        this.#open?.decision({ atMs, decision: record.decision, trigger: record.trigger, settings: record.settings });
        this.#end(atMs);
        break;
      case 'noise':
      case 'anchor':
        this.#end(atMs);
        break;
      case 'phase':
        if (record.phase === 'ended') this.#end(atMs);
        break;
      default:
    }
  }

  #end(endMs: number): void {
    const result = this.#result;
    this.#open?.end({
      endMs,
      ...(result && { verdict: result.verdict, effect: result.effect, eValue: result.eValue, pairs: result.pairs }),
    });
    this.#open = null;
    this.#result = null;
  }
}
