/** What a report states, and where the ledger says so: the part of ReportData (data.ts) that is about its verdict. */
import type { GuardedMetric } from '../../src/contracts.ts';

/**
 * `change`: proven and recommended. `ask`: proven, waits for a yes. `suggestion`: recommended, not
 * proven. `refused`: looks better, and a start gate kept it from being tried. `no-change`: judged,
 * nothing worth changing. `not-judged`: no verdict can be given.
 */
export interface VerdictData {
  readonly kind: 'change' | 'ask' | 'suggestion' | 'refused' | 'no-change' | 'not-judged';
  /** The whole line: `alarm`, `action`, `claim` and `rest`, joined. */
  readonly line: string;
  /** A limit that is broken now; null while all are kept. It comes before everything else. */
  readonly alarm: string | null;
  /** What to do. */
  readonly action: string;
  /** Why, with the interval. */
  readonly claim: string;
  /** What else was looked at. */
  readonly rest: string;
  /** The words of the model or the rule that recommends it, which no trial has proven; '' where there are none. */
  readonly why: string;
}

/** Words, the numbers in them by name, and the numbers of the ledger's entries that say so. */
export interface ClaimData {
  readonly kind: ClaimKind;
  readonly text: string;
  readonly values: Readonly<Record<string, number>>;
  readonly entries: readonly number[];
}

/** What a claim is about, and so how it is computed from its entries. */
export type ClaimKind =
  | 'alarm'
  | 'crowded'
  | 'setting'
  | 'gain'
  | 'proof'
  | 'looks'
  | 'refusal'
  | 'words'
  | 'tried'
  | 'probed'
  | 'waited'
  | 'closest'
  | 'noise'
  | 'windows'
  | 'trial'
  | 'swept'
  | 'metric'
  | 'throughput'
  | 'latency'
  | 'reverted'
  | 'cost';

export interface FigureData extends ClaimData {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

export interface BrokenData {
  readonly guardrail: string;
  readonly metric: GuardedMetric;
  /** Milliseconds, of errors a fraction, of rss bytes. */
  readonly value: number;
  readonly limit: number;
  /** The newest calls that the value rests on; 0 of rss. */
  readonly calls: number;
  readonly windows: number;
  /** True where the ledger shows no time since the session began at which the limit was kept. */
  readonly sinceStart: boolean;
}
