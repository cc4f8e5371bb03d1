/** The figures beside the verdict, the noise before any claim. Each is a claim with its entries. */
import { durationText } from '../../../src/foundation/units.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import type { SessionHistory, SessionWindows, TrialHistory } from '../../../tuner/history.ts';
import { costFigure } from '../../words/measuring.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { isBounded, noiseText } from '../../words/noise.ts';
import { changeText, countedText, endsText, levelText, percentileText, shareText } from '../../words/numbers.ts';
import type { ClaimKind, FigureData, GainData, LatencyData, NoiseData, ReportData } from '../data.ts';
import { harmText, revertedText, underText } from '../trial-words.ts';
import { weakerFirst } from './claim.ts';
import { gainedIn } from './gain.ts';
import { metricAtStart, windowsAtStart } from './latency.ts';
import { whyNoNoise } from './noise.ts';
import type { RevertedCounts } from './trials.ts';

export interface FigureFacts extends Pick<ReportData, 'gain' | 'latency' | 'throughput' | 'accounting' | 'measuring'> {
  readonly session: SessionHistory;
  readonly windows: SessionWindows;
  readonly noise: (NoiseData & { readonly entry: number }) | null;
  readonly reverted: RevertedCounts;
  /** The trial that latency and throughput are of; null where they are those of the windows at the start. */
  readonly step: TrialHistory | null;
  /** Its hold-back, whose windows they are of as well. */
  readonly holdBack: TrialHistory | null;
}

export function figuresOf(facts: FigureFacts): readonly FigureData[] {
  const { session } = facts;
  const objective = gainedIn(session, facts.gain);
  const metric = metricFigure(facts);
  return [
    noiseFigure(facts),
    ...metric,
    ...(facts.gain ? [changeFigure(session, facts.gain)] : []),
    ...(objective.metric === 'throughput' && metric.length > 0 ? [] : [throughputFigure(facts)]),
    ...latencyFigure(facts),
    ...revertedFigure(facts),
    ...costOf(facts),
  ];
}

function figure(
  kind: ClaimKind,
  name: string,
  value: string,
  note: string,
  values: Readonly<Record<string, number>>,
  entries: readonly (number | null | undefined)[],
): FigureData {
  const known = [...new Set(entries.flatMap((one) => one ?? []))].sort((a, b) => a - b);
  return { kind, name, value, note, text: `${name}: ${value} (${note})`, values, entries: known };
}

function noiseFigure({ session, windows, noise }: FigureFacts): FigureData {
  if (!noise) {
    const why = whyNoNoise(session, windows);
    const [said] = why.claims;
    return figure(said?.kind ?? 'noise', 'Noise', 'not known', why.text, said?.values ?? {}, said?.entries ?? []);
  }
  const { source, pairs, fullTrial, entry } = noise;
  const basis =
    source === 'a/a'
      ? `by the spread of ${countedText(pairs, 'pair')} of one setting against itself, which alone tell less`
      : `${countedText(pairs, 'adjacent window')} at rest, no knob touched`;
  if (!isBounded(fullTrial.floor))
    return figure(
      'noise',
      'Noise',
      'too large to tell',
      `${basis}; a trial of ${fullTrial.pairs} pairs proves nothing`,
      { windows: pairs, pairs: fullTrial.pairs },
      [entry],
    );
  return figure(
    'noise',
    'Noise',
    noiseText(fullTrial.floor),
    `the least that a full trial of ${fullTrial.pairs} pairs tells; ${basis}`,
    { floor: fullTrial.floor, windows: pairs, pairs: fullTrial.pairs },
    [entry],
  );
}

/** Of the windows at the start where no two values were measured in turns: those that throughput and latency are of. */
function metricFigure({ session, windows, gain }: FigureFacts): readonly FigureData[] {
  const { goal } = session.entry;
  const { metric } = gainedIn(session, gain);
  const name = capital(metricName(metric));
  if (gain?.metric) {
    const { start, chosen } = gain.metric;
    return [
      figure(
        'metric',
        name,
        metricText(metric, chosen),
        `from ${metricText(metric, start)} before, ${measuredIn(gain)}`,
        { start, chosen },
        gain.entries,
      ),
    ];
  }
  const start = metricAtStart(windows, goal);
  return start === null ? [] : [figure('metric', name, metricText(metric, start), windowsAtStart, { start }, [])];
}

/** Which windows the two means are of. */
function measuredIn({ source, trials, holdBackPairs }: GainData): string {
  if (source === 'side by side') return 'side by side in a sweep';
  return pairsOf(trials[0], holdBackPairs > 0);
}

function pairsOf(trial: number | undefined, andOfHoldBack: boolean): string {
  return `in the pairs of trial ${trial}${andOfHoldBack ? ' and of its hold-back' : ''}`;
}

/** The ratio of the two means beside it; of several trials, whose values no two were compared, the range alone. */
function changeFigure(session: SessionHistory, gain: GainData): FigureData {
  const { effect, ratio, trials, source, holdBackPairs } = gain;
  const change = asMetricChange(effect, gainedIn(session, gain).direction);
  const [first, second] = weakerFirst(effect, change);
  const level = levelText(effect.level);
  const from =
    source === 'side by side'
      ? 'measured side by side'
      : trials.length > 1
        ? `product of ${trials.length} trials`
        : `in trial ${trials[0]}${holdBackPairs > 0 ? ' and its hold-back' : ''}`;
  const range = endsText(first, second);
  return figure(
    'gain',
    'Change',
    range,
    `at ${level}${ratio === null ? '' : `; ${changeText(ratio)} by the two means`}, ${from}`,
    {
      first,
      second,
      level: effect.level,
      ...(ratio !== null && { ...gain.metric, ratio }),
      ...(trials.length > 1 && { trials: trials.length }),
    },
    gain.entries,
  );
}

function throughputFigure(facts: FigureFacts): FigureData {
  const { session, throughput } = facts;
  const { start, chosen, from } = throughput;
  const rate = (value: number) => metricText('throughput', value);
  if (start === null)
    return figure(
      'throughput',
      'Throughput',
      'not measured',
      session.prunedWindows > 0 ? 'its windows are not kept any more' : 'no window of the setting at the start',
      {},
      [],
    );
  return chosen === null
    ? figure('throughput', 'Throughput', rate(start), `ok calls, ${from}`, { start }, entriesOf(facts))
    : figure(
        'throughput',
        'Throughput',
        rate(chosen),
        `ok calls, from ${rate(start)} before${ofStep(facts)}`,
        { start, chosen },
        entriesOf(facts),
      );
}

/** Of several trials the figures are those of one step, which is not the whole change. */
function ofStep({ step, holdBack, gain }: FigureFacts): string {
  if (!step) return '';
  const isWhole = gain !== null && gain.trials.length === 1;
  return `, ${pairsOf(step.trial, holdBack !== null)}${isWhole ? '' : ` alone (${changesText(step.baseline, step.candidate)})`}`;
}

function entriesOf({ step, holdBack }: FigureFacts): readonly (number | undefined)[] {
  return [step?.entryNumber, holdBack?.entryNumber];
}

function latencyFigure(facts: FigureFacts): readonly FigureData[] {
  const { latency } = facts;
  const p = 0.99;
  const at = (side: LatencyData['start']) => side?.percentiles.find((one) => one.p === p)?.ms;
  const [before, after] = [at(latency.start), at(latency.chosen)];
  if (before === undefined) return [];
  const name = `Latency ${percentileText(p)}`;
  return [
    after === undefined
      ? figure('latency', name, durationText(before), latency.from, { start: before }, entriesOf(facts))
      : figure(
          'latency',
          name,
          durationText(after),
          `from ${durationText(before)} before${ofStep(facts)}`,
          { start: before, chosen: after },
          entriesOf(facts),
        ),
  ];
}

/** '9,017 calls ran under them, 0.23 % of all; none proven to do harm'. */
function revertedFigure({ session, reverted, accounting }: FigureFacts): readonly FigureData[] {
  const { settings, times, calls, harmful, stopped } = reverted;
  if (!session.trials.some((one) => one.purpose === 'candidate')) return [];
  if (settings === 0)
    return [figure('reverted', 'Reverted', 'nothing', 'no call ran under a setting that was', { settings: 0 }, [])];
  const share = accounting && accounting.offered > 0 ? calls / accounting.offered : null;
  return [
    figure(
      'reverted',
      'Reverted',
      revertedText(reverted),
      `${underText(calls, reverted)}${share === null ? '' : `, ${shareText(share, 2)} of all`}; ${harmText(reverted)}`,
      { settings, times, calls, harmful, stopped, ...(share !== null && { share }) },
      session.trials.flatMap((one) => (one.decision?.decision === 'revert' ? [one.decision.entryNumber] : [])),
    ),
  ];
}

function costOf({ session, measuring }: FigureFacts): readonly FigureData[] {
  if (!measuring) return [];
  const { value, note } = costFigure(measuring);
  const { estimate, low, high } = measuring.fraction;
  return [
    figure('cost', 'Cost of measuring', value, note, { estimate, low, high, pairs: measuring.pairs }, [
      session.overhead?.entryNumber,
    ]),
  ];
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
