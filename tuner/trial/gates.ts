/**
 * The start gates: a prediction gets a trial only if it promises enough, and if a trial can prove as
 * much in the pairs and the time allowed. A prediction that is refused is kept with the options that would
 * have let it through, so that whoever reads of it can allow it.
 */
import type { Settings } from '../../src/contracts.ts';
import type { NotTriedCode, OptionChange, Refused, Sealed } from '../entries/entries.ts';
import { isCheaper } from '../entries/settings.ts';
import { type DesignFacts, designOf } from './design.ts';
import { hasRoom, roomFor, roomText } from './memory-limit.ts';
import { mostPairs, pairMsOf, pairsNeeded, unjudgeable } from './plan.ts';

export interface Refusal {
  readonly code: NotTriedCode;
  readonly reason: string;
  readonly refused: Refused;
}

/** What one gate says: the reason, and the options that would open it; null where none does. */
interface Shut {
  readonly code: NotTriedCode;
  readonly reason: string;
  readonly needs: readonly OptionChange[] | null;
}

/** Gates that may be opened one after the other for one prediction. */
const mostGates = 6;
/** Trials longer than this are not offered. */
const longestMs = 86_400_000;

/**
 * The reason why a prediction gets no trial, and what would allow it; null when it gets one. The gates read the gain as the
 * model said it, and not as it is believed after what came of others: a trial is how one finds out.
 * @param nowMs on the session's own clock
 */
export function refuse(facts: DesignFacts, nowMs: number, settings: Settings, sealed: Sealed): Refusal | null {
  const predicted = { ...sealed, gain: sealed.said ?? sealed.gain };
  const first = shutGate(facts, nowMs, settings, predicted);
  if (first === null) return null;
  const { code, reason } = first;
  const allow = allowing(facts, nowMs, settings, predicted, first);
  return { code, reason, refused: { from: facts.current, predicted, allow } };
}

/** All options that would have to change together: each gate is asked again with those before it open. */
function allowing(
  facts: DesignFacts,
  nowMs: number,
  settings: Settings,
  predicted: Sealed,
  first: Shut,
): readonly OptionChange[] | null {
  const changed = new Map<OptionChange['option'], OptionChange>();
  let opened = facts;
  let shut: Shut | null = first;
  for (let gates = 0; shut !== null; gates++) {
    if (shut.needs === null || gates >= mostGates) return null;
    for (const change of shut.needs) changed.set(change.option, change);
    opened = withOptions(facts, [...changed.values()]);
    shut = shutGate(opened, nowMs, settings, predicted);
  }
  return [...changed.values()];
}

function withOptions(facts: DesignFacts, changed: readonly OptionChange[]): DesignFacts {
  const options = Object.fromEntries(changed.map(({ option, value }) => [option, value]));
  return { ...facts, session: { ...facts.session, options: { ...facts.session.options, ...options } } };
}

/** The first gate that a prediction does not pass. */
function shutGate(facts: DesignFacts, nowMs: number, settings: Settings, predicted: Sealed): Shut | null {
  const saves = isCheaper(facts.session.knobs, facts.current, settings);
  return (
    roomOf(facts, settings) ?? promiseOf(facts, predicted, saves) ?? powerOf(facts, nowMs, settings, predicted, saves)
  );
}

/** Threads are counted before they are there: a process that is out of memory cannot take them back. */
function roomOf({ session, current, reference, visits }: DesignFacts, settings: Settings): Shut | null {
  const room = roomFor(session.goal.guardrails, reference.windows, current, visits);
  if (room === null || hasRoom(room, current, settings)) return null;
  return { code: 'no-room', reason: roomText(room), needs: null };
}

function promiseOf({ session }: DesignFacts, { risk, gain, pGain }: Sealed, saves: boolean): Shut | null {
  const { revertAt, minGain, minProbability } = session.options;
  const estimate = gain.estimate.toFixed(3);
  if (risk === 'high')
    return { code: 'high-risk', reason: 'a limit on latency that holds now is expected to break', needs: null };
  if (saves) {
    if (gain.estimate > revertAt) return null;
    return {
      code: 'predicted-loss',
      reason: `predicted loss ${estimate} is beyond revertAt ${revertAt}`,
      needs: [{ option: 'revertAt', value: Math.max(-1, below(gain.estimate)) }],
    };
  }
  if (gain.estimate <= minGain)
    return {
      code: 'small-gain',
      reason: `predicted gain ${estimate} is not above minGain ${minGain}`,
      needs: gain.estimate > 0 ? [{ option: 'minGain', value: Math.max(0, below(gain.estimate)) }] : null,
    };
  if (pGain > minProbability) return null;
  return {
    code: 'unlikely-gain',
    reason: `P(gain) ${pGain < 0.01 ? 'below 0.01' : pGain.toFixed(2)} is not above minProbability ${minProbability}`,
    needs: pGain > 0 ? [{ option: 'minProbability', value: Math.max(0, below(pGain)) }] : null,
  };
}

/** The next lower number of three decimals. */
function below(value: number): number {
  const lower = Math.floor(1000 * value) / 1000;
  return lower < value ? lower : Number((lower - 0.001).toFixed(3));
}

function powerOf(
  facts: DesignFacts,
  nowMs: number,
  settings: Settings,
  predicted: Sealed,
  saves: boolean,
): Shut | null {
  const { options } = facts.session;
  const { estimate } = predicted.gain;
  const design = designOf(facts, nowMs, { purpose: 'candidate', predicted: estimate }, settings);
  // What saves is kept where it loses nothing, and also where it is better, whichever shows first.
  const pairs = pairsNeeded(design, saves ? Math.max(estimate, -options.revertAt) : estimate);
  const neededMs = pairs * pairMsOf(design);
  if (pairs >= mostPairs || neededMs > options.maxDurationMs)
    return {
      code: 'too-long',
      reason: `${Math.ceil(neededMs / 1000)} s would be needed, maxDurationMs is ${options.maxDurationMs}`,
      needs: pairs < mostPairs && neededMs <= longestMs ? [inSeconds(neededMs)] : null,
    };
  const unjudged = options.mode === 'auto' ? unjudgeable(design, facts.reference.windows, estimate) : [];
  if (unjudged.length === 0) return null;
  return {
    code: 'unjudgeable',
    reason: `cannot be judged in maxDurationMs, so not in mode auto: ${unjudged.join('; ')}`,
    needs: longerTrial(facts, nowMs, settings, estimate) ?? [{ option: 'mode', value: 'confirm' }],
  };
}

/** Time in which every guardrail can be judged; null where a day is not enough. */
function longerTrial(
  facts: DesignFacts,
  nowMs: number,
  settings: Settings,
  predicted: number,
): readonly OptionChange[] | null {
  for (let ms = 2 * facts.session.options.maxDurationMs; ms <= longestMs; ms *= 2) {
    const change = inSeconds(ms);
    const longer = withOptions(facts, [change]);
    const design = designOf(longer, nowMs, { purpose: 'candidate', predicted }, settings);
    if (unjudgeable(design, facts.reference.windows, predicted).length === 0) return [change];
  }
  return null;
}

function inSeconds(ms: number): OptionChange {
  return { option: 'maxDurationMs', value: 1000 * Math.ceil(ms / 1000) };
}
