/** The values of a claim, computed anew from the entries that it cites. */

import type { ClaimData, ClaimKind } from '../../../exporters/index.ts';
import type { Interval } from '../../../src/contracts.ts';
import { settingsKey } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { smallestEffect } from '../../../tuner/trial/noise.ts';
import { pairsAtRest } from '../../../tuner/trial/plan.ts';
import type { LedgerFacts } from './ledger-facts.ts';
import { only, type Recompute, type Values } from './recompute.ts';
import { alarm, crowded, latency, metricAtStart, throughput } from './recomputed-from-windows.ts';
import { quoted, setting } from './recomputed-words.ts';

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

function ends(facts: LedgerFacts, { low, high, level }: Interval): Values {
  return { first: facts.turned(low), second: facts.turned(high), level };
}

const gain: Recompute = (facts, { entries, values }) => {
  const [sweep] = facts.citedRemarks(entries, 'sweep');
  if (sweep) {
    if (facts.gainSeenAgain()) throw new Error('a trial that its hold-back saw again says more than a sweep');
    const [first] = sweep.points;
    const point = sweep.points.find((one) => one.gain && facts.turned(one.gain.low) === values['first']);
    if (!first || !point?.gain) throw new Error('no point of the sweep gains so much');
    const metric = { start: first.metric.estimate, chosen: point.metric.estimate };
    return { ...ends(facts, point.gain), ...metric, ratio: metric.chosen / metric.start - 1 };
  }
  const trials = facts.cited(entries, 'trial').filter((one) => one.purpose === 'candidate');
  for (const one of trials)
    if (facts.seenAgain(one) && !facts.cited(entries, 'trial').some(({ purpose }) => purpose === 'hold-back'))
      throw new Error('the pairs of its hold-back are evidence too');
  const effects = trials.map((one) => facts.effectOf(one, entries));
  if (effects.length !== 1) {
    const times = (end: 'estimate' | 'low' | 'high') => effects.reduce((all, one) => all * (1 + one[end]), 1) - 1;
    const level = 1 - effects.reduce((sum, one) => sum + 1 - one.level, 0);
    const product = { estimate: times('estimate'), low: times('low'), high: times('high'), level };
    return { ...ends(facts, product), trials: trials.length };
  }
  const { start, chosen } = meansOf(facts, entries);
  return { ...ends(facts, only(effects)), start, chosen, ratio: chosen / start - 1 };
};

/** Means of both arms over the pairs of the cited trials, hold-backs included. */
function meansOf(facts: LedgerFacts, entries: readonly number[]) {
  const pairs = facts.cited(entries, 'trial').flatMap((one) => facts.pairsOf(one.trial));
  return { start: mean(pairs.map((one) => one.baseline)), chosen: mean(pairs.map((one) => one.candidate)) };
}

const proof: Recompute = (facts, { entries, values }) => {
  const own = facts.cited(entries, 'verdict').map((one) => [`trial ${one.trial}`, one.result.pairs] as const);
  const later = facts.cited(entries, 'trial').flatMap((one) => facts.pairsOf(one.trial)).length;
  return {
    ...Object.fromEntries(own),
    ...('holdBack' in values && { holdBack: later }),
    ...('revertAt' in values && { revertAt: facts.session.options.revertAt }),
  };
};

const looks: Recompute = (facts, { entries }) => {
  const [probe] = facts.cited(entries, 'probe');
  if (probe) {
    const { baseline, candidate } = facts.probeValues(probe);
    return {
      ratio: mean(candidate) / mean(baseline) - 1,
      candidate: candidate.length,
      baseline: baseline.length,
    };
  }
  const [refused] = facts.cited(entries, 'not-tried');
  if (refused?.refused) {
    const { gain: predicted } = refused.refused.predicted;
    const { first = 0, second = 0 } = ends(facts, predicted);
    return { ratio: facts.turned(predicted.estimate), first, second };
  }
  const { predicted } = only(facts.cited(entries, 'recommendation'));
  return ranged(facts, only(predicted ? [predicted.gain] : []));
};

function ranged(facts: LedgerFacts, effect: Interval): Values {
  return { ...ends(facts, effect), estimate: facts.turned(effect.estimate) };
}

/** How many different trials or recommendations are cited. */
const tried: Recompute = (facts, { entries, values }) => {
  if ('minGain' in values) return { minGain: facts.session.options.minGain };
  const trials = (['trial', 'verdict', 'decision'] as const).flatMap((kind) =>
    facts.cited(entries, kind).map((one) => one.trial),
  );
  const hints = facts.cited(entries, 'recommendation');
  for (const trial of trials)
    if (facts.trialOf(trial)?.purpose !== 'candidate') throw new Error(`trial ${trial} is not of a candidate`);
  return { tried: new Set(trials).size + hints.length };
};

/** How many different settings were probed. */
const probed: Recompute = (facts, { entries }) => {
  if (facts.cited(entries, 'probe').length !== facts.all('probe').length) throw new Error('not every probe is cited');
  return { probed: new Set(facts.all('probe').map((one) => settingsKey(one.settings))).size };
};

/** The waits that have ended, and the session from its begin to its last event. */
const waited: Recompute = (facts, { values }) => {
  const turns = facts.all('turn');
  const waitedMs = turns.reduce((sum, one) => sum + (one.waitsFor === null ? (one.waitedMs ?? 0) : 0), 0);
  const goesOn = turns.at(-1)?.waitsFor !== null;
  const ranMs = Math.max(...facts.entries.flatMap((entry) => (entry.kind === 'event' ? [entry.sinceMs ?? 0] : [])));
  return { waitedMs: goesOn ? (values['waitedMs'] ?? Number.NaN) : waitedMs, ranMs };
};

const closest: Recompute = (facts, { entries }) => {
  const { result } = only(facts.cited(entries, 'verdict'));
  const judged = facts
    .all('verdict')
    .filter(
      (one) =>
        facts.trialOf(one.trial)?.purpose === 'candidate' &&
        one.result.pairs > 0 &&
        triggers[one.result.trigger].judgedBy !== null,
    );
  if (judged.some((one) => one.result.effect.estimate > result.effect.estimate))
    throw new Error('another one is closer');
  return ranged(facts, result.effect);
};

const noise: Recompute = (facts, { entries, values }) => {
  if (entries.length === 0 && facts.all('baseline').length + facts.all('noise').length === 0) return {};
  const [measured] = facts.cited(entries, 'noise');
  const newest = facts.all('noise').at(-1);
  if (newest && newest.pairs >= 3 && measured !== newest) throw new Error('the newest a/a trial says how large it is');
  const { options } = facts.session;
  const from = measured ?? only(facts.cited(entries, 'baseline'));
  const full =
    'fullTrial' in from
      ? from.fullTrial
      : { pairs: pairsAtRest(options), floor: smallestEffect(from.sigmaD, options.alpha, pairsAtRest(options)) };
  const counted = 'fullTrial' in from ? from.pairs : from.windows;
  return {
    ...('floor' in values && { floor: full.floor }),
    ...('windows' in values && { windows: counted }),
    pairs: full.pairs,
  };
};

const trial: Recompute = (facts, { entries, values }) => {
  const [verdict] = facts.cited(entries, 'verdict');
  if (verdict)
    return {
      pairs: verdict.result.pairs,
      ...('first' in values && ranged(facts, verdict.result.effect)),
    };
  const { trial: number } = only(facts.cited(entries, 'trial'));
  return { trial: number, pairs: facts.pairsOf(number).length };
};

/** Of which setting it is better is the words' to say; both are points of the sweep, with their intervals apart. */
const swept: Recompute = (facts, { entries, values }) => {
  const { points } = only(facts.citedRemarks(entries, 'sweep'));
  const [than, best] = ['than', 'best'].map((name) => points.find((one) => one.metric.estimate === values[name]));
  const isApart = than && best && (best.metric.low > than.metric.high || best.metric.high < than.metric.low);
  return { than: isApart ? than.metric.estimate : Number.NaN, best: best?.metric.estimate ?? Number.NaN };
};

const metric: Recompute = (facts, claim) => {
  if (claim.entries.length === 0) return metricAtStart(facts, claim);
  const { start = Number.NaN, chosen = Number.NaN } = gain(facts, {
    ...claim,
    values: { first: firstOf(facts, claim) },
  });
  return { start, chosen };
};

/** The first end of the gain of a swept setting, by which its point is known. */
function firstOf(facts: LedgerFacts, { entries, values }: ClaimData): number {
  const points = facts.citedRemarks(entries, 'sweep').flatMap((one) => one.points);
  const point = points.find((one) => one.gain && one.metric.estimate === values['chosen']);
  return point?.gain ? facts.turned(point.gain.low) : Number.NaN;
}

const reverted: Recompute = (facts, { entries, values }) => {
  const taken = facts.cited(entries, 'decision').filter((one) => one.decision === 'revert');
  if (taken.length !== facts.all('decision').filter((one) => one.decision === 'revert').length)
    throw new Error('not every decision to revert is cited');
  if (taken.length === 0) return { settings: 0 };
  const meanings = taken.map((one) => triggers[one.trigger]);
  const calls = taken.reduce((sum, one) => sum + one.callsAffected, 0);
  const offered = facts.entries.flatMap((one) =>
    one.kind === 'remark' && one.remark.kind === 'accounting' ? [one.remark.offered] : [],
  );
  return {
    settings: new Set(taken.map((one) => settingsKey(facts.trialOf(one.trial)?.candidate ?? {}))).size,
    times: taken.length,
    calls,
    harmful: meanings.filter((one) => one.harms && one.judgedBy !== 'breaker').length,
    stopped: meanings.filter((one) => one.judgedBy === 'breaker').length,
    ...('share' in values && { share: calls / (offered.at(-1) ?? Number.NaN) }),
  };
};

const cost: Recompute = (facts, { entries }) => {
  const { fraction, pairs } = only(facts.citedRemarks(entries, 'overhead'));
  // An effect has a low end above −1 and a high end; a loss is its negative.
  const low = fraction.low <= -999 ? -Infinity : fraction.low;
  return { estimate: fraction.estimate, low, high: fraction.high >= 0.999 ? Infinity : fraction.high, pairs };
};

const windows: Recompute = (facts, { values }) => ({
  windows: facts.windows.length,
  ...('wanted' in values && { wanted: facts.session.options.baselineWindows }),
});

export const recomputed: Readonly<Record<ClaimKind, Recompute>> = {
  alarm,
  crowded,
  setting,
  gain,
  proof,
  looks,
  refusal: quoted,
  words: quoted,
  tried,
  probed,
  waited,
  closest,
  noise,
  windows,
  trial,
  swept,
  metric,
  throughput,
  latency,
  reverted,
  cost,
};
