/**
 * The history of one trial, and the rules by which every view reads it. While a trial runs, windows
 * belong to it. Once it is closed, nothing changes it any more. Its ending says what became of it.
 *
 *   trial ─▶ running ──verdict──▶ judged ──decision, or the anchor it lets be──▶ closed
 *               └── decision, the end of its phase, another trial ───────────────▶ closed
 *
 * An a/a trial closes with its verdict: no decision follows from it.
 */
import type { Decided, OpenGuardrail, PairPoint, RecordOf, TrialResult, Trigger } from '../entries/entries.ts';
import { triggers } from '../entries/triggers.ts';

/** With the number of its entry (`SessionHistory.entries`). */
export type Numbered<T> = T & { readonly entryNumber: number };

export interface TrialHistory extends Numbered<Omit<RecordOf<'trial'>, 'kind'>> {
  /** What was predicted before it; null for a/a trials and hold-backs. */
  readonly sealed: Numbered<RecordOf<'sealed'>> | null;
  readonly pairs: readonly PairPoint[];
  /** Guardrails a commit waited for after the last pair. */
  readonly waitsFor: readonly OpenGuardrail[];
  readonly result: TrialResult | null;
  /** Number of the entry that has `result`. */
  readonly verdictEntry: number | null;
  readonly score: Numbered<RecordOf<'score'>> | null;
  /** True once somebody was asked whether to keep its candidate. */
  readonly asked: boolean;
  readonly decision: Numbered<Decided> | null;
  readonly closed: boolean;
  /** Of a commit: its candidate became the anchor. Of a hold-back: it let that happen. */
  readonly passed: boolean;
}

/**
 * `running`, then perhaps `judged` while a decision is awaited; then one of the others. `cut off`:
 * it closed without a verdict. `measured`: an a/a trial that gave one.
 */
export type TrialEnding = 'running' | 'judged' | 'kept' | 'reverted' | 'unchanged' | 'passed' | 'measured' | 'cut off';

export function trialBegun(
  record: Numbered<RecordOf<'trial'>>,
  sealed: Numbered<RecordOf<'sealed'>> | null,
): TrialHistory {
  const { trial, atMs, purpose, baseline, candidate, design, unjudged, entryNumber } = record;
  return {
    entryNumber,
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
    verdictEntry: null,
    score: null,
    asked: false,
    decision: null,
    closed: false,
    passed: false,
  };
}

/** True while windows that are measured belong to the trial. */
export function isRunning(trial: TrialHistory): boolean {
  return !trial.closed && trial.result === null;
}

export function endingOf(trial: TrialHistory): TrialEnding {
  const { decision, passed, purpose, result, closed } = trial;
  switch (decision?.decision) {
    case 'commit':
      return 'kept';
    case 'revert':
      return 'reverted';
    case 'hold':
      return 'unchanged';
    case undefined:
      if (passed) return 'passed';
      if (result === null) return closed ? 'cut off' : 'running';
      return purpose === 'a/a' ? 'measured' : 'judged';
  }
}

/** The trigger that ended the trial, or will end it once somebody has decided; null before. */
export function triggerOf({ decision, result }: TrialHistory): Trigger | null {
  return decision?.trigger ?? result?.trigger ?? null;
}

/** True when the trial came to a verdict on evidence about its candidate. */
export function isJudged(trial: TrialHistory): boolean {
  const trigger = triggerOf(trial);
  return trial.result !== null && trigger !== null && triggers[trigger].judgedBy !== null;
}
