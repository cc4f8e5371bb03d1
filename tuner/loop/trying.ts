/**
 * A trial on its way, and what follows from its result. The statistics are in ../trial; here a
 * verdict becomes a decision: commit, revert or hold.
 */
import type { TrialResult, Trigger, TunerRecord } from '../entries/entries.ts';
import { changesText, sameSettings } from '../entries/settings.ts';
import { hasSpent, meaningOf } from '../entries/triggers.ts';
import { pairSigma, smallestEffect, tellingAlpha } from '../trial/noise.ts';
import { loadChanged } from '../trial/stability.ts';
import { stepTrial } from '../trial/switchback.ts';
import { beginHoldBack } from './hold-back.ts';
import { remember } from './measure.ts';
import { backOffOf, forgetting, ruleOutAfter } from './rule-out.ts';
import { advance, type MeasuredEvent, measureArm } from './run.ts';
import type { Run, State, Step } from './state.ts';

/** Pairs of the a/a trial from which their own spread is better than that of the windows at rest. */
const fewestForSigma = 6;
/** Fewer pairs than this say nothing about noise. */
const fewestForNoise = 3;
/** Where pairs do not come although calls do, trials go on without: `noiseFloor` then says that there is no bound. */
const mostNoiseTries = 3;

export function tried(state: State, run: Run, event: MeasuredEvent | null, atMs: number): Step {
  const next = advance(run, event);
  const remembered: State = event ? { ...state, seen: remember(state.seen, event.window) } : state;
  const trouble = event ? troubleIn(state, next.run, event) : null;
  if (trouble) return interrupted(remembered, next.run, trouble.trigger, trouble.because, atMs, next.pairs);
  if ('measure' in next.step) {
    return {
      state: { ...remembered, phase: { kind: 'trying', run: next.run } },
      records: next.pairs,
      action: measureArm(state, next.run, next.step),
    };
  }
  const { result } = next.step;
  const records: readonly TunerRecord[] = [
    ...next.pairs,
    { kind: 'verdict', trial: run.trial, result },
    ...scoreOf(run, result),
  ];
  return concluded(withScore(remembered, run, result), next.run, result, atMs, records);
}

/** The a/a trial: how much its pairs vary is what is called noise from now on. */
export function noiseMeasured(state: State, run: Run, event: MeasuredEvent | null): Step {
  const next = advance(run, event);
  const remembered: State = event ? { ...state, seen: remember(state.seen, event.window) } : state;
  if ('measure' in next.step) {
    return {
      state: { ...remembered, phase: { kind: 'noise', run: next.run } },
      records: next.pairs,
      action: measureArm(state, next.run, next.step),
    };
  }
  const { result } = next.step;
  const { pairs } = stepTrial(next.run.design, next.run.seen);
  const verdict: readonly TunerRecord[] = [...next.pairs, { kind: 'verdict', trial: run.trial, result }];
  const asked = state.session.options.noisePairs;
  if (pairs.length < Math.min(fewestForNoise, asked) && state.noiseTries + 1 < mostNoiseTries) {
    // Nothing to learn the noise from: a new reference, then once more.
    return {
      state: {
        ...remembered,
        baseline: [],
        noiseTries: state.noiseTries + 1,
        phase: { kind: 'settling', then: 'observe' },
      },
      records: verdict,
      action: { kind: 'settle', settings: state.current },
    };
  }
  const sigmaD = pairs.length < fewestForSigma ? state.sigmaD : pairSigma(pairs.map((pair) => pair.d));
  const { alpha, maxPairs } = state.session.options;
  const floor = smallestEffect(sigmaD, tellingAlpha(alpha, result.pairs), result.pairs);
  return {
    state: {
      ...remembered,
      phase: { kind: 'settling', then: 'choose' },
      noiseFloor: floor,
      sigmaD,
    },
    records: [
      ...verdict,
      {
        kind: 'noise',
        trial: run.trial,
        pairs: result.pairs,
        floor,
        fullTrial: { pairs: maxPairs, floor: smallestEffect(sigmaD, alpha, maxPairs) },
        effect: result.effect,
      },
    ],
    action: { kind: 'settle', settings: state.current },
  };
}

function concluded(state: State, run: Run, result: TrialResult, atMs: number, records: readonly TunerRecord[]): Step {
  if (meaningOf(result.trigger).keeps === null) {
    const held = result.verdict === 'equivalent';
    return takenBack(state, run, held ? 'hold' : 'revert', result.trigger, result.reason, atMs, records);
  }
  if (state.session.options.mode === 'auto') return committed(state, run, result.trigger, result.reason, atMs, records);
  return {
    state: {
      ...state,
      phase: { kind: 'asking', run, trigger: result.trigger, untilMs: atMs + state.session.options.maxDurationMs },
    },
    records: [...records, { kind: 'ask', trial: run.trial, settings: run.candidate }],
    action: { kind: 'settle', settings: run.baseline },
  };
}

export function committed(
  state: State,
  run: Run,
  trigger: Trigger,
  because: string,
  atMs: number,
  records: readonly TunerRecord[],
): Step {
  const decided: readonly TunerRecord[] = [
    ...records,
    {
      kind: 'decision',
      trial: run.trial,
      decision: 'commit',
      trigger,
      settings: run.candidate,
      callsAffected: 0,
      afterMs: spanMs(run),
      because,
    },
    { kind: 'intent', settings: run.candidate, purpose: 'commit' },
  ];
  return beginHoldBack({ ...state, current: run.candidate, nothingFound: 0 }, run, atMs, decided);
}

/** Back to the setting that was in force; the candidate rests for a while, longer each time. */
export function takenBack(
  state: State,
  run: Run,
  decision: 'revert' | 'hold',
  trigger: Trigger,
  because: string,
  atMs: number,
  records: readonly TunerRecord[],
): Step {
  const { rests, voids } = meaningOf(trigger);
  const rested = rests ? ruleOutAfter(state, run.candidate, trigger, atMs) : state;
  const after = hasSpent(trigger, run.pairsRecorded) ? rested : { ...rested, spent: rested.spent.slice(0, -1) };
  return {
    state: {
      ...forgetting(after, trigger),
      phase: { kind: 'settling', then: voids === 'nothing' ? 'choose' : 'observe' },
    },
    records: [
      ...records,
      {
        kind: 'decision',
        trial: run.trial,
        decision,
        trigger,
        settings: state.current,
        callsAffected: run.candidateCalls,
        afterMs: spanMs(run),
        because,
      },
      ...(rests ? backOffOf(after, run.candidate) : []),
      { kind: 'intent', settings: state.current, purpose: 'revert' },
    ],
    action: { kind: 'settle', settings: state.current },
  };
}

/** A trial that ends for a reason of its own: no verdict about the candidate, back to where we were. */
export function interrupted(
  state: State,
  run: Run,
  trigger: Trigger,
  because: string,
  atMs: number,
  records: readonly TunerRecord[] = [],
): Step {
  return takenBack(state, run, 'revert', trigger, because, atMs, records);
}

function troubleIn(
  state: State,
  run: Run,
  event: MeasuredEvent,
): { readonly trigger: Trigger; readonly because: string } | null {
  const wanted = event.arm === 'candidate' ? run.candidate : run.baseline;
  if (!sameSettings({ ...wanted, ...event.effective }, wanted)) {
    return {
      trigger: 'check failed',
      because: `effective settings differ from requested: ${changesText(wanted, event.effective)}`,
    };
  }
  if (event.arm !== 'baseline') return null;
  const recent = run.seen
    .filter((one) => one.arm === 'baseline')
    .slice(-4)
    .map((one) => one.window);
  if (recent.length < 4 || !loadChanged(state.session.load, state.baseline, recent)) return null;
  return {
    trigger: 'load changed',
    because: 'the load on the baseline arm is no longer what it was when the trial was designed',
  };
}

function scoreOf(run: Run, result: TrialResult): readonly TunerRecord[] {
  if (!run.predicted || result.pairs === 0) return [];
  const { gain, pGain, model } = run.predicted;
  const gained = result.effect.estimate > 0 ? 1 : 0;
  const covered = gain.low <= result.effect.estimate && result.effect.estimate <= gain.high;
  return [
    {
      kind: 'score',
      trial: run.trial,
      model,
      predicted: gain,
      measured: result.effect,
      covered,
      brier: (pGain - gained) ** 2,
    },
  ];
}

function withScore(state: State, run: Run, result: TrialResult): State {
  const [score] = scoreOf(run, result);
  if (!run.predicted || score?.kind !== 'score') return state;
  const { model, pGain } = run.predicted;
  return {
    ...state,
    scores: [...state.scores, { model, pGain, gained: result.effect.estimate > 0, covered: score.covered }],
  };
}

function spanMs(run: Run): number {
  const first = run.seen.find((one) => one.arm === 'candidate')?.window.startMs;
  const last = run.seen.at(-1)?.window.endMs;
  return first === undefined || last === undefined ? 0 : last - first;
}
