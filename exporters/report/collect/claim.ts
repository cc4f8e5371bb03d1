/**
 * What a proven change is claimed to gain: the end of the interval that claims less stands first, then the
 * two means and their ratio, then the proof.
 */
import type { Interval, Settings } from '../../../src/contracts.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { holdBackOf, type SessionHistory, type TrialHistory } from '../../../tuner/history.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { changeText, countedText, endsText, levelText, listText } from '../../words/numbers.ts';
import type { GainData } from '../data.ts';
import { countedIn, gainedIn, isSaving } from './gain.ts';
import { claiming, joined, plain, type Statement } from './statement.ts';

export interface ClaimBasis {
  readonly session: SessionHistory;
  readonly start: Settings;
  /** Trials that lead to the chosen setting, in order; at least one. */
  readonly chain: readonly TrialHistory[];
  readonly pending: TrialHistory | null;
  readonly gain: GainData | null;
}

export function claimOf(basis: ClaimBasis): Statement {
  const { session, chain, gain } = basis;
  const name = metricName(gainedIn(session, gain).metric);
  const counted = countedIn(chain);
  const cheaper = chain.filter(isSaving);
  if (!gain) return joined([proof(basis, counted, 'proven'), plain('how much it gains is not known')], ', ');
  if (cheaper.length === chain.length) {
    const parts = [gainStatement(basis, gain, ''), equivalence(basis, cheaper)];
    return joined([plain(`the same ${name} for less`), joined(parts, ', ')], ': ');
  }
  const once = chain.at(-1) === basis.pending ? ' once' : '';
  const main = joined([gainStatement(basis, gain, ` ${name}`), proof(basis, counted, `proven${once}`)], ', ');
  if (cheaper.length === 0) return main;
  const steps = listText(cheaper.map((one) => changesText(one.baseline, one.candidate)));
  return joined(
    [
      main,
      joined([claiming('setting', `${steps} for less`, {}, entriesOf(cheaper)), equivalence(basis, cheaper)], ', '),
    ],
    '; ',
  );
}

/** '+380…+450 % goodput (98 % interval; means 14.8 k/s → 75.4 k/s, +409 %)'. */
function gainStatement({ session }: ClaimBasis, gain: GainData, name: string): Statement {
  const objective = gainedIn(session, gain);
  const { effect, metric, ratio, trials, source } = gain;
  const change = asMetricChange(effect, objective.direction);
  const values = metric && ratio !== null ? { ...metric, ratio } : {};
  const means =
    metric && ratio !== null
      ? `means ${metricText(objective.metric, metric.start)} → ${metricText(objective.metric, metric.chosen)}, ${changeText(ratio)}${outside(change, ratio)}`
      : '';
  const how =
    source === 'side by side'
      ? 'start and chosen measured side by side'
      : trials.length > 1
        ? `product of ${trials.length} trials, not measured side by side`
        : '';
  const notes = [`${levelText(effect.level)} interval`, means, how].filter((one) => one !== '').join('; ');
  const [first, second] = weakerFirst(effect, change);
  return claiming(
    'gain',
    `${endsText(first, second)}${name} (${notes})`,
    { first, second, level: effect.level, ...values, ...(trials.length > 1 && { trials: trials.length }) },
    gain.entries,
  );
}

/** The ends of a change of the metric, the one that claims less first. */
export function weakerFirst(effect: Interval, change: Interval): readonly [number, number] {
  return change.low === effect.low ? [change.low, change.high] : [change.high, change.low];
}

function entriesOf(trials: readonly TrialHistory[]): readonly number[] {
  return trials.map((one) => one.entryNumber);
}

function outside({ low, high }: Interval, ratio: number): string {
  return low <= ratio && ratio <= high ? '' : ', which lies outside: a few windows differ much from the others';
}

/** 'proven in 9 pairs', 'proven in 9 + 16 pairs and 3 of their hold-backs'. */
function proof({ session, gain }: ClaimBasis, trials: readonly TrialHistory[], word: string): Statement {
  const pairs = trials.map((one) => one.result?.pairs ?? 0);
  const later = gain?.source === 'trials' ? gain.holdBackPairs : 0;
  const own = pairs.length === 1 ? countedText(pairs[0] ?? 0, 'pair') : `${pairs.join(' + ')} pairs`;
  const again = later > 0 ? ` and ${later} of ${trials.length === 1 ? 'its hold-back' : 'their hold-backs'}` : '';
  const values = Object.fromEntries(trials.map((one, i) => [`trial ${one.trial}`, pairs[i] ?? 0]));
  return claiming('proof', `${word} in ${own}${again}`, { ...values, ...(later > 0 && { holdBack: later }) }, [
    ...trials.map((one) => one.verdictEntry),
    ...(later > 0 ? trials.map((one) => holdBackOf(session, one)?.entryNumber) : []),
  ]);
}

function equivalence(basis: ClaimBasis, trials: readonly TrialHistory[]): Statement {
  const { revertAt } = basis.session.entry.options;
  const within = `not worse than ${changeText(revertAt)} is proven`;
  const counted = proof({ ...basis, gain: null }, trials, '').text.trim();
  const values = Object.fromEntries(trials.map((one) => [`trial ${one.trial}`, one.result?.pairs ?? 0]));
  return claiming('proof', `${within} ${counted}`, { ...values, revertAt }, [
    1,
    ...trials.map((one) => one.verdictEntry),
  ]);
}
