/**
 * Choosing what gets a trial next: a user's proposal, then what was proven when the load was like this before,
 * then an audit, then what the predictors propose. What is offered by history or models has to pass the start
 * gates. That nothing is worth a trial is a normal result and leads to a rest. The a/a trial, which shows how
 * large the noise is, comes before the first rest: a first trial that waited for it would be proven no sooner,
 * since σ_d of adjacent windows serves as well, and is corrected by the trial's own pairs.
 *
 * A prediction that a gate refuses has not failed: it is left out of this choice only, and asked again at the
 * next one. Its refusal is recorded when it begins and when another gate is the first that is shut.
 */
import type { Probe, Proposal, Seen, Settings } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { withIdleAtDefault, withoutEffect } from '../../entries/acting.ts';
import { sameSettings } from '../../entries/settings.ts';
import { sealedBy } from '../../predict/calibrate-gain.ts';
import { look } from '../../predict/known-loads.ts';
import { asksForLook } from '../../predict/looks.ts';
import { seenOf } from '../../predict/memory.ts';
import { isAnyModelAsked, predict } from '../../predict/predict.ts';
import { mayHarmMs } from '../../predict/search/harm.ts';
import { mayTourAt, tourAt } from '../../predict/search/tour.ts';
import { type Refusal, refuse } from '../../trial/gates.ts';
import { auditOf } from '../audits.ts';
import { comparing, type Entering, type PhaseOf, type State, type Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

/** Predictions that may be refused before a choice is given up. */
const attempts = 6;
/** Largest number of probes without a gain that models get between two rests. */
const probesAllowed = 3;
const rememberedRefusals = 32;
const needsProbe = 'needs-probe';

export function enter(step: StepBuilder): Step {
  return step.settle({ kind: 'choosing' });
}

export function on(step: StepBuilder, _phase: PhaseOf<'choosing'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.giveUp(event);
  const waitsFor = event.kind === 'done' ? event.waitsFor : undefined;
  // Whether anything would be compared is found out on a step that is thrown away.
  if (waitsFor !== undefined && comparing.has(choose(step.draft()).enter)) return { enter: 'waiting', waitsFor };
  return choose(step);
}

function choose(step: StepBuilder): Entering {
  const { noise, session } = step.state;
  const { mode, noisePairs, noiseFirst } = session.options;
  const owesNoise = !noise.known && noisePairs > 0 && mode !== 'advise';
  // What is known of the noise after it may let something be tried, so that the choice is made again then.
  if (owesNoise && (noiseFirst || triedNext(step.draft()).enter === 'resting')) return { enter: 'noise' };
  return triedNext(step);
}

function triedNext(step: StepBuilder): Entering {
  return proposed(step) ?? known(step) ?? audited(step) ?? interrupted(step) ?? predicted(step);
}

/** Enters a trial of the next proposal of a user that changes anything; null when there is none. */
function proposed(step: StepBuilder): Entering | null {
  for (const proposal of step.state.queue) {
    step.change({ queue: step.state.queue.slice(1) });
    const { current, session } = step.state;
    // The proposal is laid over the setting in force now, which may have changed since it was made.
    const wanted: Settings = { ...current, ...proposal.settings };
    const settings = withIdleAtDefault(session.knobs, wanted, session.options.fixed);
    if (!sameSettings(settings, current))
      return { enter: 'trying', settings, by: 'user', predicted: null, reason: proposal.reason };
    const reason = withoutEffect(session.knobs, current, wanted) ?? 'already in force';
    step.record({ kind: 'not-tried', code: 'already-in-force', settings, reason });
  }
  return null;
}

/** Enters a trial of what was proven under a load like this one, unless its audit would be the same. */
function known(step: StepBuilder): Entering | null {
  const { records, offer } = look(step.state, step);
  step.learn(records);
  if (!offer) return null;
  const audit = auditOf(step.state, step.nowMs);
  return audit && sameSettings(audit.settings, offer.settings) ? null : offered(step, offer);
}

/** Enters a trial of the configured default, where it is time for one. */
function audited(step: StepBuilder): Entering | null {
  const { asked, dueMs } = step.state.audits;
  if (asked === null && step.nowMs < dueMs) return null;
  const audit = auditOf(step.state, step.nowMs);
  if (!audit) return null;
  const { settings, reason, audits } = audit;
  step.change({ audits });
  return { enter: 'trying', settings, by: 'audit', predicted: null, reason };
}

/** Goes on with the rest that only an audit was allowed to interrupt. */
function interrupted({ state, nowMs }: StepBuilder): Entering | null {
  const { quietUntilMs: untilMs } = state;
  return nowMs < untilMs ? { enter: 'resting', measures: true, untilMs } : null;
}

function predicted(step: StepBuilder): Entering {
  const advises = step.state.session.options.mode === 'advise';
  const refused: Settings[] = [];
  const visits: Settings[] = [];
  let mayVisit = true;
  let mayLook = true;
  for (let remaining = attempts; remaining > 0; remaining--) {
    const { session, nextTrial } = step.state;
    const seen = {
      ...leftIn(step, [...refused, ...visits]),
      may: { visit: mayVisit, look: mayLook, tour: mayTour(step) },
    };
    const prediction = predict(seen, randomStream(session.seed, `predict ${nextTrial} ${remaining}`));
    if ('none' in prediction) {
      const code = isAnyModelAsked(seen) ? 'nothing-predicted' : 'no-model';
      step.record({ kind: 'not-tried', code, settings: null, reason: prediction.none });
      break;
    }
    if ('probe' in prediction) {
      const { probe, learns } = prediction;
      const refusal = noProbe(step.state, prediction, step.nowMs);
      if (refusal === null) {
        step.change({ refused: step.state.refused.filter((one) => one.code !== needsProbe) });
        if (prediction.tour) step.change({ tour: tourAt(step.state.tour, step.atMs) });
        return { enter: 'probing', probe: prediction };
      }
      const reason = `${learns}: needs a probe, and ${refusal}`;
      sayNoProbe(step, probe, reason);
      // What was seen already may be worth a trial all the same, also what a search has visited.
      if (prediction.toBeat === undefined) visits.push(probe);
      else mayVisit = false;
      continue;
    }
    const entering = offered(step, prediction);
    const look = entering?.enter === 'trying' ? lookAt(step, prediction) : null;
    const noLook = look && noProbe(step.state, look, step.nowMs);
    if (look && noLook === null) return { enter: 'probing', probe: look };
    if (entering && !look) return entering;
    // Looks that found nothing good are no reason for a trial without one.
    if (look) {
      sayNoProbe(step, look.probe, `${look.learns}: needs a probe, and ${noLook}`);
      mayLook = false;
    }
    refused.push(prediction.settings);
    if (advises) break;
  }
  return { enter: 'resting', measures: true, ...(refused.length > 0 && { asksAgain: true }) };
}

/** Records a refusal, unless the newest one of these settings was by the same gate. */
function sayOnce(step: StepBuilder, settings: Settings, refusal: Refusal): void {
  const { refused } = step.state;
  const others = refused.filter((one) => one.code === needsProbe || !sameSettings(one.settings, settings));
  if (!refused.some((one) => !others.includes(one) && one.code === refusal.code))
    step.record({ kind: 'not-tried', settings, ...refusal });
  step.change({ refused: [...others.slice(1 - rememberedRefusals), { settings, code: refusal.code }] });
}

/** Records that no probe may be made, unless that was said since the last one: the budget may be empty for hours. */
function sayNoProbe(step: StepBuilder, settings: Settings, reason: string): void {
  const { refused } = step.state;
  if (refused.some((one) => one.code === needsProbe)) return;
  step.record({ kind: 'not-tried', code: needsProbe, settings, reason });
  step.change({ refused: [...refused.slice(1 - rememberedRefusals), { settings, code: needsProbe }] });
}

/** What predictors are asked once `refused` was refused in this choice. */
function leftIn({ state, nowMs }: StepBuilder, refused: readonly Settings[]): Seen {
  const seen = seenOf(state, nowMs);
  return { ...seen, ruledOut: [...seen.ruledOut, ...refused] };
}

/** Enters the trial of what is offered, or recommends it in mode `advise`; null where a start gate refuses it. */
function offered(step: StepBuilder, offer: Proposal): Entering | null {
  const { settings, reason } = offer;
  const predicted = sealedBy(step.state.scores, offer, step.nowMs);
  const refusal = refuse(step.state, step.nowMs, settings, predicted);
  if (refusal !== null) {
    sayOnce(step, settings, refusal);
    return null;
  }
  if (step.state.session.options.mode !== 'advise')
    return { enter: 'trying', settings, by: 'predictor', predicted, reason };
  const evidence = 'predicted, not tried (mode advise)';
  step.record({ kind: 'recommendation', priority: 'high', settings, reason, evidence, predicted });
  return { enter: 'resting', measures: true };
}

function lookAt({ state }: StepBuilder, proposal: Proposal): Probe | null {
  return asksForLook({ windows: state.seen, current: state.current }, proposal)
    ? { probe: proposal.settings, learns: `whether it is as good as ${proposal.model} says` }
    : null;
}

/**
 * A whole rest went by with nothing to try, there was no other tour today, and probes have harmed no more than half of what they
 * may. A setting that was just proven is watched first: looks in between would put off seeing its rare failures.
 */
function mayTour({ state, nowMs, atMs }: StepBuilder): boolean {
  const { before } = state.audits;
  if (before !== null && nowMs < before.untilMs) return false;
  return state.rests > 0 && state.harmedMs < mayHarmMs(nowMs) / 2 && mayTourAt(state.tour, atMs);
}

function noProbe({ session, probes, harmedMs }: State, { toBeat }: Probe, nowMs: number): string | null {
  if (session.options.mode === 'advise') return 'mode advise changes nothing';
  const mayMs = mayHarmMs(nowMs);
  if (harmedMs >= mayMs)
    return `probes have harmed calls for ${durationText(harmedMs)}, of ${durationText(mayMs)} that they may for now`;
  // A search ends by itself, and the probes of a model might not.
  return toBeat === undefined && probes >= probesAllowed ? `${probes} probes without a gain were enough for now` : null;
}
