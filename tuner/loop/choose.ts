/**
 * What to try next: a user's proposal first, then what the predictors say, through the start gates.
 * Nothing worth trying is a normal result and leads to a rest.
 */
import type { Proposal, Seen, Settings } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { NotTriedCode, Sealed, TunerRecord } from '../entries/entries.ts';
import { isCheaper, sameSettings } from '../entries/settings.ts';
import { calibrate } from '../predict/calibrate.ts';
import { predict, recommendSettings } from '../predict/index.ts';
import { pairsNeeded, unjudgeable } from '../trial/plan.ts';
import { beginTrial, designOf, loadOf } from './begin-trial.ts';
import { measure, watchMs } from './measure.ts';
import { beginProbe } from './probe.ts';
import { ruleOut } from './rule-out.ts';
import type { State, Step } from './state.ts';

/** Settings looked at and refused in one choice before it is given up. */
const attempts = 6;
/** Probes between two rests. */
const probesAllowed = 3;

export function choose(state: State, atMs: number, records: readonly TunerRecord[] = []): Step {
  const [proposal, ...rest] = state.queue;
  if (proposal) {
    const next = { ...state, queue: rest };
    // Laid over what is in force now, which may not be what was in force when it was proposed.
    const settings: Settings = { ...state.current, ...proposal.settings };
    if (!sameSettings(settings, state.current)) {
      return beginTrial(next, atMs, { settings, by: 'user', predicted: null, because: proposal.because }, records);
    }
    return choose(next, atMs, [
      ...records,
      { kind: 'not-tried', code: 'already-in-force', settings, because: 'already in force' },
    ]);
  }
  return choosePredicted(state, atMs, records, attempts);
}

function choosePredicted(state: State, atMs: number, records: readonly TunerRecord[], left: number): Step {
  const { mode } = state.session.options;
  const seen = seenOf(state, atMs);
  const prediction = predict(seen, randomStream(state.session.seed, `predict ${state.nextTrial} ${left}`));
  if ('none' in prediction)
    return rest(state, atMs, [
      ...records,
      { kind: 'not-tried', code: 'nothing-predicted', settings: null, because: prediction.none },
    ]);
  if ('probe' in prediction) {
    const because = mode === 'advise' ? 'mode advise changes nothing' : `${state.probes} probes were enough for now`;
    if (mode === 'advise' || state.probes >= probesAllowed) {
      return rest(state, atMs, [
        ...records,
        {
          kind: 'not-tried',
          code: 'needs-probe',
          settings: prediction.probe,
          because: `${prediction.learns}: needs a probe, and ${because}`,
        },
      ]);
    }
    return beginProbe(state, prediction.probe, prediction.learns, records);
  }
  const predicted = sealedOf(state, prediction);
  const refusal = refuse(state, atMs, prediction, predicted);
  if (mode === 'advise') {
    return rest(state, atMs, [
      ...records,
      refusal === null
        ? {
            kind: 'recommendation',
            priority: 'high',
            settings: prediction.settings,
            because: prediction.because,
            evidence: 'predicted, not tried (mode advise)',
          }
        : { kind: 'not-tried', settings: prediction.settings, ...refusal },
    ]);
  }
  if (refusal === null) {
    return beginTrial(
      state,
      atMs,
      { settings: prediction.settings, by: 'predictor', predicted, because: prediction.because },
      records,
    );
  }
  const noted: readonly TunerRecord[] = [...records, { kind: 'not-tried', settings: prediction.settings, ...refusal }];
  if (left <= 1) return rest(state, atMs, noted);
  return choosePredicted(ruleOut(state, prediction.settings, atMs, 1), atMs, noted, left - 1);
}

interface Refusal {
  readonly code: NotTriedCode;
  readonly because: string;
}

/** Why this prediction is not worth a trial; null when it is. */
function refuse(state: State, atMs: number, proposal: Proposal, predicted: Sealed): Refusal | null {
  const { options, knobs } = state.session;
  const saves = isCheaper(knobs, state.current, proposal.settings);
  if (predicted.risk === 'high') return { code: 'high-risk', because: 'risk is high' };
  if (saves && predicted.gain.estimate <= options.revertAt)
    return {
      code: 'predicted-loss',
      because: `predicted loss ${predicted.gain.estimate.toFixed(3)} is beyond revertAt ${options.revertAt}`,
    };
  if (!saves && predicted.gain.estimate <= options.minGain)
    return {
      code: 'small-gain',
      because: `predicted gain ${predicted.gain.estimate.toFixed(3)} is not above minGain ${options.minGain}`,
    };
  if (!saves && predicted.pGain <= options.minProbability)
    return {
      code: 'unlikely-gain',
      because: `P(gain) ${predicted.pGain.toFixed(2)} is not above minProbability ${options.minProbability}`,
    };
  const design = designOf(state, atMs, 'candidate', proposal.settings);
  const effect = saves ? Math.abs(options.revertAt) : predicted.gain.estimate;
  const pairs = pairsNeeded(design, effect);
  const longMs = pairs * 2 * (design.windowMs + design.discardMs);
  if (pairs > options.maxPairs)
    return {
      code: 'too-many-pairs',
      because: `${pairs} pairs would be needed at this noise (σ of a pair ${design.sigmaD.toFixed(3)}), maxPairs is ${options.maxPairs}`,
    };
  if (longMs > options.maxDurationMs)
    return {
      code: 'too-long',
      because: `${Math.ceil(longMs / 1000)} s would be needed, maxDurationMs is ${options.maxDurationMs}`,
    };
  const unjudged = options.mode === 'auto' ? unjudgeable(design, state.baseline) : [];
  if (unjudged.length === 0) return null;
  return {
    code: 'unjudgeable',
    because: `cannot be judged in maxDurationMs, so not in mode auto: ${unjudged.join('; ')}`,
  };
}

function seenOf(state: State, atMs: number): Seen {
  const { session } = state;
  return {
    windows: state.seen,
    knobs: session.knobs.filter((knob) => !(knob.id in session.options.fixed)),
    current: state.current,
    goal: session.goal,
    load: loadOf(state),
    cores: session.environment.cores,
    worth: { gain: session.options.minGain, probability: session.options.minProbability },
    ruledOut: state.ruledOut.filter((one) => one.untilMs > atMs).map((one) => one.settings),
  };
}

function sealedOf(state: State, { gain, pGain, risk, model }: Proposal): Sealed {
  return { gain, pGain: calibrate(state.scores, model, pGain), risk, model };
}

/** Nothing worth trying: recommend what needs no trial, look on, come back later. */
export function rest(state: State, atMs: number, records: readonly TunerRecord[]): Step {
  const untilMs = atMs + state.session.options.restMs * 2 ** Math.min(6, state.nothingFound);
  const next: State = {
    ...state,
    phase: { kind: 'resting', untilMs },
    nothingFound: state.nothingFound + 1,
    probes: 0,
  };
  const rules: readonly TunerRecord[] = recommendSettings(seenOf(state, atMs)).map((rule) => ({
    kind: 'recommendation',
    ...rule,
  }));
  return {
    state: next,
    records: [...records, ...rules, { kind: 'phase', phase: 'resting', because: 'nothing worth trying now' }],
    action: measure(next, next.current, { forMs: watchMs }),
  };
}
