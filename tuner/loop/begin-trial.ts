/**
 * Everything that is fixed before a trial's first window, and written down before it: the sealed
 * prediction, the design with its seed, the intent to apply.
 */
import type { Load, Settings } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { Sealed, TrialDesign, TrialPurpose, TunerRecord } from '../entries/entries.ts';
import { isCheaper } from '../entries/settings.ts';
import { inferLoad } from '../trial/infer-load.ts';
import { unjudgeable } from '../trial/plan.ts';
import { drainMs } from './measure.ts';
import type { Run, State, Step } from './state.ts';

export interface Candidate {
  readonly settings: Settings;
  readonly by: 'predictor' | 'user';
  readonly predicted: Sealed | null;
  readonly because: string;
}

const dayMs = 86_400_000;
/** Flips cost little, so a tenth of a window is thrown away even where nothing drains. */
const discardFraction = 0.1;
/** A hold-back confirms what was already proven at alpha; five pairs can do it. */
const holdBackAlpha = 0.05;

export function beginTrial(state: State, atMs: number, candidate: Candidate, records: readonly TunerRecord[]): Step {
  const trial = state.nextTrial;
  const design = designOf(state, atMs, 'candidate', candidate.settings);
  const run: Run = {
    trial,
    design,
    baseline: state.current,
    candidate: candidate.settings,
    seen: [],
    candidateCalls: 0,
    pairsRecorded: 0,
    predicted: candidate.predicted,
    by: candidate.by,
  };
  return {
    state: {
      ...state,
      phase: { kind: 'trying', run },
      nextTrial: trial + 1,
      spent: [...state.spent.filter((one) => atMs - one.atMs < dayMs), { atMs, alpha: design.commitAlpha }],
    },
    records: [
      ...records,
      {
        kind: 'sealed',
        trial,
        by: candidate.by,
        from: state.current,
        settings: candidate.settings,
        predicted: candidate.predicted,
        because: candidate.because,
      },
      trialRecord(state, run, atMs),
      { kind: 'intent', settings: candidate.settings, purpose: 'trial' },
    ],
    action: { kind: 'warm', a: state.current, b: candidate.settings },
  };
}

/** One setting twice, with real flips: what a difference of nothing looks like here. */
export function beginNoise(state: State, atMs: number, records: readonly TunerRecord[]): Step {
  const trial = state.nextTrial;
  const design: TrialDesign = {
    ...designOf(state, atMs, 'a/a', state.current),
    maxPairs: state.session.options.noisePairs,
    rampPairs: 0,
  };
  const run: Run = {
    trial,
    design,
    baseline: state.current,
    candidate: state.current,
    seen: [],
    candidateCalls: 0,
    pairsRecorded: 0,
    predicted: null,
    by: 'predictor',
  };
  return {
    state: { ...state, phase: { kind: 'noise', run }, nextTrial: trial + 1 },
    records: [...records, trialRecord(state, run, atMs)],
    action: { kind: 'warm', a: state.current, b: state.current },
  };
}

/** After a commit: the old anchor against the new setting, in some of the pairs. Both are still warm. */
export function holdBackRun(state: State, atMs: number, committed: Run): Run {
  const { baseline, candidate, candidateCalls } = committed;
  const base = designOf(state, atMs, 'hold-back', candidate);
  return {
    trial: state.nextTrial,
    design: { ...base, alpha: holdBackAlpha, commitAlpha: holdBackAlpha, rampPairs: 0 },
    baseline,
    candidate,
    seen: [],
    candidateCalls,
    pairsRecorded: 0,
    predicted: null,
    by: 'predictor',
  };
}

export function trialRecord(state: State, run: Run, atMs: number): TunerRecord {
  const unjudged = run.design.purpose === 'candidate' ? unjudgeable(run.design, state.baseline) : [];
  return {
    kind: 'trial',
    trial: run.trial,
    atMs,
    purpose: run.design.purpose,
    baseline: run.baseline,
    candidate: run.candidate,
    design: run.design,
    unjudged,
  };
}

export function loadOf(state: State): Load {
  return state.session.load ?? inferLoad(state.baseline);
}

/** What is fixed before the first window. Pure in state and time. */
export function designOf(state: State, atMs: number, purpose: TrialPurpose, candidate: Settings): TrialDesign {
  const { options, goal, knobs, seed } = state.session;
  const drain = drainMs(state.baseline.slice(-8));
  const windowMs = Math.max(options.windowMs, 1.5 * drain, 1.2 * msForCompletions(state));
  return {
    seed: Math.floor(randomStream(seed, `trial ${state.nextTrial}`)() * 2 ** 32),
    purpose,
    goal,
    load: loadOf(state),
    windowMs,
    jitterFraction: 0.2,
    discardMs: Math.max(discardFraction * windowMs, drain),
    minCompletions: options.minCompletions,
    rampPairs: 1,
    sigmaD: state.sigmaD,
    alpha: options.alpha,
    commitAlpha: purpose === 'candidate' ? commitAlpha(state, atMs) : options.alpha,
    revertAt: options.revertAt,
    cheaper: isCheaper(knobs, state.current, candidate),
    maxPairs: options.maxPairs,
    maxDurationMs: options.maxDurationMs,
    engine: true,
    breakers: true,
  };
}

/** Half of what is left of the day's budget of false commits, never above alpha: it is never used up. */
function commitAlpha(state: State, atMs: number): number {
  const { alpha, falseCommitsPerDay } = state.session.options;
  const spent = state.spent.reduce((sum, one) => (atMs - one.atMs < dayMs ? sum + one.alpha : sum), 0);
  return Math.max(1e-9, Math.min(alpha, (falseCommitsPerDay - spent) / 2));
}

/** Time the baseline takes for the completions a window must hold. Milliseconds. */
function msForCompletions(state: State): number {
  const settled = state.baseline.reduce((sum, window) => sum + window.outcomes.ok, 0);
  const spanMs = state.baseline.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  return settled === 0 ? 0 : (state.session.options.minCompletions * spanMs) / settled;
}
