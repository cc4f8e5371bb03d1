/** What a tuner is asked for. Predictors see it, and trials are judged by it. */

/** What is to be improved and what must not get worse. */
export interface Goal {
  readonly objective: Objective;
  readonly guardrails: readonly Guardrail[];
}

/** goodput: ok calls with latency within `sloMs`, per second of the window. */
export type Objective =
  | { readonly metric: 'goodput'; readonly direction: 'maximize'; readonly sloMs: number }
  | { readonly metric: 'throughput'; readonly direction: 'maximize' }
  | { readonly metric: 'mean'; readonly direction: 'minimize' }
  | { readonly metric: 'cpu'; readonly direction: 'minimize' };

/**
 * `mean`, `p50`, `p99.9`: of latency. `errors`: fraction of settled calls not ok. `cpu`: ms a call. `rss`: bytes of
 * memory that the process holds, which has limits and no margins.
 */
export type GuardedMetric = 'mean' | 'errors' | 'cpu' | 'rss' | `p${number}`;

export type Guardrail =
  /** `p99 < 50ms`, `errors < 0.1%`, `rss < 1.5GB`: limit in ms, as a fraction, or in bytes. */
  | { readonly kind: 'absolute'; readonly metric: GuardedMetric; readonly limit: number; readonly text: string }
  /** `p99 within 10%` (fraction of the anchor's), `errors within 0.1pp` (difference of fractions). */
  | {
      readonly kind: 'relative';
      readonly metric: GuardedMetric;
      readonly margin: number;
      readonly text: string;
      /** Nobody wrote it: it is one of the defaults. */
      readonly isDefault?: true;
      /** Of a trial: the default in whose place it stands, since the calls are too few to judge that in time. */
      readonly insteadOf?: string;
    };
