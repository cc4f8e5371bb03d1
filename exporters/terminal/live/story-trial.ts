/** Story lines of one trial: the sealed prediction, the strip, the verdict, what was decided and how good the prediction was. */
import type { Objective, Settings } from '../../../src/contracts.ts';
import { durationText } from '../../../src/foundation/units.ts';
import type { GuardrailReading, RecordOf, TrialResult } from '../../../tuner/entries/entries.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { isRunning, type TrialHistory } from '../../../tuner/history.ts';
import { evidenceText, verdictText } from '../../words/evidence.ts';
import { guardrailText, isStandIn } from '../../words/guardrail.ts';
import { asMetricChange, metricName } from '../../words/metric.ts';
import { chanceText, changeText, countedText, rangeText, wholeText } from '../../words/numbers.ts';
import { settingsText } from '../../words/settings.ts';
import { type StoryLine, text } from './lines.ts';
import { drawnCells, objectiveIn, objectiveOfTrial, sessionInView, trialInView, type ViewState } from './state.ts';
import type { Span } from './text.ts';
import { differing, effectText, otherThan, tallerText, valueOfMetric } from './words.ts';

export function sealedLines(
  state: ViewState,
  { from, settings, predicted, reason, by }: RecordOf<'sealed'>,
): StoryLine[] {
  const step: Span = { text: changesText(from, settings), style: 'bold' };
  if (predicted === null) {
    return [text('proposed', [step, sourceText(by)], 'bold'), text('reason', reason)];
  }
  const objective = objectiveIn(state);
  const { gain, pGain, risk, model } = predicted;
  const change = asMetricChange(gain, objective.direction);
  return [
    text(
      'prediction',
      [
        step,
        ' gives ',
        { text: `${metricName(objective.metric)} ${changeText(change.estimate)}`, style: 'bold' },
        ` (${rangeText(change.low, change.high)})`,
      ],
      'bold',
    ),
    text('reason', reason),
    text('sealed', [
      {
        text: `before the trial, scored after it: a gain with probability ${chanceText(pGain)}, risk ${risk}, model ${model}`,
        style: 'dim',
      },
    ]),
  ];
}

function sourceText(by: RecordOf<'sealed'>['by']): string {
  if (by === 'user') return ' by you, predicted by nobody';
  return by === 'audit' ? ', to see whether the default is better by now' : '';
}

export function trialLines(
  state: ViewState,
  { trial, purpose, design, baseline, candidate, unjudged }: RecordOf<'trial'>,
): StoryLine[] {
  const isFirst = !sessionInView(state)?.trials.some((one) => one.purpose === purpose);
  if (purpose === 'a/a') {
    const { maxPairs, windowMs, discardMs } = design;
    const about = `about ${durationText(2 * maxPairs * (windowMs + discardMs))}`;
    return [
      text(
        'noise',
        `one setting against itself, with real flips: what no difference looks like here (${about})`,
        'bold',
      ),
      ...(isFirst ? [dim(`a pair is two windows; at most ${design.maxPairs} of them, which a stop would lose`)] : []),
    ];
  }
  if (purpose === 'hold-back') {
    return [text('hold-back', `a few windows still run ${differing(baseline, candidate)}, to see the gain again`)];
  }
  return [
    text(`trial ${trial}`, 'a coin picks the arm of each window', 'bold'),
    {
      kind: 'table',
      label: '',
      rows: [
        { cells: [{ text: 'A', style: 'a' }], last: { text: `${differing(baseline, candidate)}, in force now` } },
        { cells: [{ text: 'B', style: 'b' }], last: { text: differing(candidate, baseline) } },
      ],
    },
    ...unjudged.map((one) => text('', [{ text: `cannot be judged in time: ${one}`, style: 'warn' }])),
    ...design.goal.guardrails.filter(isStandIn).map((one) => dim(`must hold: ${guardrailText(one)}`)),
    ...(design.cheaper ? [dim('B needs less: it is kept as well when there is no difference')] : []),
    ...(isFirst ? [dim(endsText(design.maxDurationMs))] : []),
  ];
}

/** What the block at the foot counts, where it is seen first. */
function endsText(maxDurationMs: number): string {
  return (
    `a pair is a window of A and one of B; proof ends the trial, and without proof it ends after ${durationText(maxDurationMs)} ` +
    '(maxDurationMs), with A; so does a stop, which loses what its pairs have shown'
  );
}

function dim(words: string): StoryLine {
  return text('', [{ text: words, style: 'dim' }]);
}

export function verdictLines(state: ViewState, trial: number, result: TrialResult): StoryLine[] {
  const open = openTrialNamed(state, trial);
  // The strip of the a/a trial is drawn with the noise. That of a hold-back is not drawn: it is mostly one arm.
  if (open?.purpose === 'a/a') return [];
  const objective = objectiveOfTrial(state, trial);
  const tone = result.verdict === 'better' ? 'good' : result.verdict === 'worse' ? 'bad' : 'bold';
  const evidence = result.verdict === 'inconclusive' ? result.reason : evidenceText(result);
  if (open?.purpose === 'hold-back')
    return [
      text('seen again', `${effectText(objective, result.effect)}, ${countedText(result.pairs, 'pair')}`),
      ...allCallsLines(objective, result),
    ];
  return [
    ...(open ? stripOf(open, state) : []),
    text(
      'verdict',
      [{ text: verdictText(result), style: tone }, result.pairs > 0 ? `: ${effectText(objective, result.effect)}` : ''],
      tone,
    ),
    ...allCallsLines(objective, result),
    dim(`${countedText(result.pairs, 'pair')} of windows; ${evidence}`),
    ...(result.pairs > 0 ? [text('measured', measuredSpans(objective, result))] : []),
    ...(result.guardrails.length > 0 ? [text('limits', limitSpans(result.guardrails))] : []),
    ...result.checks
      .filter((one) => !one.passed)
      .map((one) => text('check', [{ text: `✗ ${one.name}: ${one.detail}`, style: 'bad' }])),
  ];
}

/** The effect is that of the usual window; a few bad ones show in the sums of all calls. */
function allCallsLines(objective: Objective, { allCalls, pairs }: TrialResult): StoryLine[] {
  return allCalls && pairs > 0 ? [dim(`over all calls ${effectText(objective, allCalls)}`)] : [];
}

export function decisionLines(state: ViewState, record: RecordOf<'decision'>): StoryLine[] {
  const meaning = triggers[record.trigger];
  const style = meaning.blames ? 'bad' : 'bold';
  const open = openTrialNamed(state, record.trial);
  // The strip of a trial with a verdict was drawn with the verdict.
  const strip = open && isRunning(open) && open.purpose !== 'hold-back' ? stripOf(open, state) : [];
  const setting = open
    ? differing(record.settings, record.decision === 'commit' ? open.baseline : open.candidate)
    : settingsText(record.settings);
  const tried = open ? differing(open.candidate, record.settings) : 'what was tried';
  // Why there is no proof was said with the verdict.
  const reason = open?.result?.verdict === 'inconclusive' ? [] : [dim(record.reason)];
  if (record.decision === 'commit') {
    return [...strip, text('kept', [{ text: `✓ ${setting}`, style: 'good' }, `: ${meaning.says}`], 'good'), ...reason];
  }
  if (record.decision === 'hold') {
    return [
      ...strip,
      text('unchanged', [{ text: `= ${setting}`, style: 'bold' }, `: ${meaning.says}`], 'bold'),
      ...reason,
    ];
  }
  const windows = open ? drawnCells(state, open).filter((one) => one.arm === 'candidate').length : 0;
  const after =
    open && open.purpose !== 'hold-back'
      ? `after ${countedText(windows, 'window')} and ${durationText(record.afterMs)} of it; `
      : '';
  return [
    ...strip,
    text(
      'reverted',
      [{ text: meaning.blames ? `✗ ${tried}` : tried, style }, `: ${meaning.says}; ${setting} again`],
      style,
    ),
    ...(record.callsAffected > 0
      ? [text('', `${after}${countedText(record.callsAffected, 'call')} ran under it`)]
      : []),
    ...reason,
  ];
}

export function scoreLines(state: ViewState, { trial, predicted, measured, covered }: RecordOf<'score'>): StoryLine[] {
  const { direction } = objectiveOfTrial(state, trial);
  const before = asMetricChange(predicted, direction);
  const after = asMetricChange(measured, direction);
  return [
    text('predicted', [
      `${changeText(before.estimate)} (${rangeText(before.low, before.high)}), measured `,
      { text: changeText(after.estimate), style: 'bold' },
      covered ? ': inside' : ': outside the interval',
    ]),
  ];
}

export function askLines(state: ViewState, trial: number, settings: Settings): StoryLine[] {
  return [
    text(
      'your turn',
      [
        { text: `keep ${otherThan(state, settings)}?`, style: 'warn' },
        ` It was proven in trial ${trial}; until you answer, the old setting runs`,
      ],
      'warn',
    ),
  ];
}

export function anchorLines(state: ViewState, { settings, reason }: RecordOf<'anchor'>): StoryLine[] {
  const holdBack = trialInView(state);
  return [
    text(
      'anchor',
      [
        { text: differing(settings, holdBack?.baseline ?? sessionInView(state)?.entry.anchor ?? {}), style: 'good' },
        ' is where every revert returns from now on',
      ],
      'good',
    ),
    dim(reason),
  ];
}

export function backOffLines(
  state: ViewState,
  { settings, atMs, untilMs, stalled }: RecordOf<'back-off'>,
): StoryLine[] {
  const other = otherThan(state, settings);
  if (stalled && untilMs <= atMs)
    return [
      dim(`${other} is tried again: should nothing come out once more within a day, it is told as its own doing`),
    ];
  // Its `failures` are a weight: some ends count for none, and one after a proof for several.
  return [dim(`${other} is not predicted again for ${durationText(Math.max(0, untilMs - atMs))}`)];
}

export function knobRestLines({ knob, failures, atMs, untilMs }: RecordOf<'knob-rest'>): StoryLine[] {
  const wait = durationText(Math.max(0, untilMs - atMs));
  const often = failures > 1 ? ` ${failures} times` : '';
  return [dim(`the knob ${knob} failed${often}, and is left alone for ${wait}`)];
}

function openTrialNamed(state: ViewState, trial: number): TrialHistory | null {
  const open = trialInView(state);
  return open?.trial === trial ? open : null;
}

function stripOf(trial: TrialHistory, state: ViewState): StoryLine[] {
  const cells = drawnCells(state, trial);
  if (cells.length === 0) return [];
  return [{ kind: 'strip', cells }, dim(tallerText(objectiveIn(state)))];
}

function measuredSpans(objective: Objective, { metric, calls }: TrialResult): Span[] {
  return [
    { text: 'A', style: 'a' },
    { text: ` ${valueOfMetric(objective, metric.baseline)}  ` },
    { text: 'B', style: 'b' },
    { text: ` ${valueOfMetric(objective, metric.candidate)}  ` },
    { text: `(${wholeText(calls.baseline)} and ${wholeText(calls.candidate)} calls)`, style: 'dim' },
  ];
}

function limitSpans(readings: readonly GuardrailReading[]): Span[] {
  const judgedMs = Math.max(0, ...readings.map((one) => one.judgedMs ?? 0));
  const over: Span[] = judgedMs > 0 ? [{ text: `, judged over ${durationText(judgedMs)}`, style: 'dim' }] : [];
  return [...readings.flatMap(guardrailSpans), ...over];
}

function guardrailSpans({ guardrail, state }: GuardrailReading, index: number): Span[] {
  const glyph = { holds: '✓', broken: '✗', undecided: '?', unjudged: '?' }[state];
  const style = { holds: 'good', broken: 'bad', undecided: 'warn', unjudged: 'warn' } as const;
  const doubt = state === 'undecided' || state === 'unjudged' ? ` (${state})` : '';
  return [
    { text: `${index > 0 ? ' · ' : ''}` },
    { text: glyph, style: style[state] },
    { text: ` ${guardrailText(guardrail)}${doubt}` },
  ];
}
