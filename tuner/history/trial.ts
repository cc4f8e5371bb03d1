/**
 * The history of one trial, and the rules by which every view reads it: while it runs, windows
 * belong to it; once closed, nothing more comes of it; what it came to is its ending.
 *
 *   trial ─▶ running ──verdict──▶ judged ──decision, or the anchor it confirms──▶ closed
 *               └── decision, the end of its phase, another trial ───────────────▶ closed
 *
 * An a/a trial closes with its verdict: no decision follows from it.
 */
import type { Decided, OpenGuardrail, PairPoint, RecordOf, TrialResult, Trigger } from '../entries/entries.ts';
import { triggers } from '../entries/triggers.ts';

export interface TrialHistory extends Omit<RecordOf<'trial'>, 'kind'> {
  /** What was predicted before it; null for a/a trials and hold-backs. */
  readonly sealed: RecordOf<'sealed'> | null;
  readonly pairs: readonly PairPoint[];
  /** Guardrails a commit waited for after the last pair. */
  readonly waitsFor: readonly OpenGuardrail[];
  readonly result: TrialResult | null;
  readonly score: RecordOf<'score'> | null;
  /** Somebody was asked whether to keep its candidate. */
  readonly asked: boolean;
  readonly decision: Decided | null;
  readonly closed: boolean;
  /** Of a commit: its candidate became the anchor. Of a hold-back: it let that happen. */
  readonly confirmed: boolean;
}

/**
 * `running`, then perhaps `judged` while a decision is awaited; then one of the others. `cut off`:
 * it closed without a verdict. `measured`: an a/a trial that gave one.
 */
export type TrialEnding =
  | 'running'
  | 'judged'
  | 'kept'
  | 'taken back'
  | 'unchanged'
  | 'confirmed'
  | 'measured'
  | 'cut off';

export function trialBegun(record: RecordOf<'trial'>, sealed: RecordOf<'sealed'> | null): TrialHistory {
  const { trial, atMs, purpose, baseline, candidate, design, unjudged } = record;
  return {
    trial,
    atMs,
    purpose,
    baseline,
    candidate,
    design,
    unjudged,
    sealed: sealed?.trial === trial ? sealed : null,
    pairs: [],
    waitsFor: [],
    result: null,
    score: null,
    asked: false,
    decision: null,
    closed: false,
    confirmed: false,
  };
}

/** Windows measured now belong to it. */
export function isRunning(trial: TrialHistory): boolean {
  return !trial.closed && trial.result === null;
}

export function endingOf(trial: TrialHistory): TrialEnding {
  const { decision, confirmed, purpose, result, closed } = trial;
  switch (decision?.decision) {
    case 'commit':
      return 'kept';
    case 'revert':
      return 'taken back';
    case 'hold':
      return 'unchanged';
    case undefined:
      if (confirmed) return 'confirmed';
      if (result === null) return closed ? 'cut off' : 'running';
      return purpose === 'a/a' ? 'measured' : 'judged';
  }
}

/** Why it ended, or will end once somebody has decided. */
export function triggerOf({ decision, result }: TrialHistory): Trigger | null {
  return decision?.trigger ?? result?.trigger ?? null;
}

/** It came to a verdict, on evidence about the candidate. */
export function isJudged(trial: TrialHistory): boolean {
  const trigger = triggerOf(trial);
  return trial.result !== null && trigger !== null && triggers[trigger].judgedBy !== null;
}
