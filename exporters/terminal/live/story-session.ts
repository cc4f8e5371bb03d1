/** Story lines about the session as a whole: what is tuned, how it runs, how large the noise is. */
import type { Settings } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { stageNames } from '../../../src/measure/trace.ts';
import type { RecordOf, SessionEntry } from '../../../tuner/entries/entries.ts';
import { sameSettings, startOf } from '../../../tuner/entries/settings.ts';
import { mayChange } from '../../../tuner/mode.ts';
import { smallestEffect } from '../../../tuner/trial/noise.ts';
import { pairsAtRest } from '../../../tuner/trial/plan.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { objectiveText } from '../../words/metric.ts';
import { isBounded, noiseText } from '../../words/noise.ts';
import { changeText, countedText, shareText } from '../../words/numbers.ts';
import { valueText } from '../../words/settings.ts';
import { stageText } from '../../words/stages.ts';
import { gap, type StoryLine, text } from './lines.ts';
import { drawnCells, objectiveIn, sessionInView, type ViewState } from './state.ts';
import type { TableRow } from './table.ts';
import { differing, otherThan, sourceText, valueOfMetric } from './words.ts';

const modeWords = {
  off: 'switched off: nothing is measured, nothing is changed',
  observe: 'observe: measures, changes nothing',
  advise: 'advise: measures and recommends, changes nothing',
  confirm: 'confirm: tries settings on live calls, then asks before keeping one',
  auto: 'auto: tries settings on live calls, keeps what is proven better',
} as const;

export function sessionLines(session: SessionEntry): StoryLine[] {
  const { goal, options, environment, knobs } = session;
  const start = startOf(session);
  const rows = knobs.map(
    (knob): TableRow => ({
      cells: [
        { text: knob.id },
        { text: valueText(valueIn(start, knob.id)), style: 'bold', align: 'right' },
        ...(knobs.some((one) => one.unit) ? [{ text: knob.unit ?? '' }] : []),
      ],
      last: { text: sourceText(knob, valueIn(start, knob.id), options.fixed), style: 'dim' },
    }),
  );
  return [
    text(
      'sandtune',
      [
        { text: session.executor, style: 'bold' },
        ` on ${environment.cores} CPUs, Node ${environment.node.replace(/^v/, '')}`,
      ],
      'title',
    ),
    text('mode', modeWords[options.mode]),
    text('goal', objectiveText(goal)),
    ...(goal.guardrails.length > 0
      ? [text('limits', `must hold: ${goal.guardrails.map((one) => one.text).join(' · ')}`)]
      : []),
    ...(rows.length > 0 ? [{ kind: 'table', label: 'starts with', rows } as const] : []),
    text('seed', [{ text: `${session.seed} names every coin flip, so the run can be replayed`, style: 'dim' }]),
    gap,
  ];
}

export function baselineLines(state: ViewState, record: RecordOf<'baseline'>): StoryLine[] {
  const { metric, windows, settings, load, loadSource, objective = objectiveIn(state) } = record;
  const range = `${valueOfMetric(objective, metric.low)} and ${valueOfMetric(objective, metric.high)}`;
  const rate = text(
    'live rate',
    [
      { text: valueOfMetric(objective, metric.estimate), style: 'bold' },
      `${objective.metric === 'goodput' ? ' ok calls in time' : ''}, between ${range}, over ${countedText(windows, 'window')}`,
    ],
    'bold',
  );
  if ((sessionInView(state)?.baselines.length ?? 0) > 0) return [gap, rate];
  const waits =
    load === 'closed'
      ? 'closed: the next call waits for one to finish'
      : 'open: calls arrive whether others have finished or not';
  const known = loadSource === 'declared' ? waits : `it looks ${waits} (a guess, since nobody declared it)`;
  return [rate, text('load', known), ...noiseAtRest(state, record), ...stageLines(state, settings), gap];
}

/** The noise as it is known before one setting has run against itself; nothing where that comes first. */
function noiseAtRest(state: ViewState, { sigmaD, windows }: RecordOf<'baseline'>): StoryLine[] {
  const options = sessionInView(state)?.entry.options;
  if (!options || (options.noiseFirst && options.noisePairs > 0 && mayChange(options.mode))) return [];
  const floor = smallestEffect(sigmaD, options.alpha, pairsAtRest(options));
  return [
    text('noise', [
      isBounded(floor) ? noiseText(floor) : 'too large to tell',
      { text: `, by the spread of ${countedText(windows, 'window')} next to each other at rest`, style: 'dim' },
    ]),
  ];
}

/** Where a call's time goes, from the sampled calls of the windows at this setting. */
function stageLines(state: ViewState, settings: Settings): StoryLine[] {
  const here = state.stageTimes.filter((one) => one.stageSamples > 0 && sameSettings(one.settings, settings));
  const samples = here.reduce((sum, one) => sum + one.stageSamples, 0);
  if (samples === 0) return [];
  const names = [...new Set([...stageNames, ...here.flatMap((one) => Object.keys(one.stages))])];
  const stages = names
    .map((name) => ({
      name,
      ms: here.reduce((sum, one) => sum + (one.stages[name] ?? 0) * one.stageSamples, 0) / samples,
    }))
    .filter(({ ms }) => ms > 0);
  const nameOf = (name: string) => stageText(name, [{ stages }]);
  const totalMs = stages.reduce((sum, one) => sum + one.ms, 0);
  const most = stages.toSorted((a, b) => b.ms - a.ms)[0];
  if (!most) return [];
  const rows = stages
    .filter(({ ms }) => ms >= 0.005 * totalMs)
    .map(
      ({ name, ms }): TableRow => ({
        cells: [
          { text: nameOf(name) },
          { text: durationText(ms), align: 'right' },
          { bar: ms / totalMs, style: name === most.name ? 'b' : 'a' },
        ],
        last: { text: shareText(ms / totalMs, 0), style: name === most.name ? 'bold' : 'dim' },
      }),
    );
  return [
    text(
      'where time',
      [
        'a call takes ',
        { text: durationText(totalMs), style: 'bold' },
        `; most of it is ${stageMeaning[nameOf(most.name)] ?? most.name}`,
      ],
      'bold',
    ),
    { kind: 'table', label: 'goes', rows },
  ];
}

const stageMeaning: Readonly<{ [stage: string]: string }> = {
  queue: 'waiting in the queue',
  'wake-up': 'waking up a worker',
  batch: 'waiting for others of its batch',
  start: 'starting an instance',
  execute: 'its own work',
  'dispatch to return': 'from where it is dispatched to its return',
  return: 'the way back',
};

export function noiseLines(state: ViewState, { trial, fullTrial, pairs }: RecordOf<'noise'>): StoryLine[] {
  const measured = sessionInView(state)?.trials.find((one) => one.trial === trial);
  const cells = measured ? drawnCells(state, measured) : [];
  return [
    ...(cells.length > 0 ? [{ kind: 'strip', cells } as const] : []),
    isBounded(fullTrial.floor)
      ? text('noise', ['smaller than this I call noise: ', { text: noiseText(fullTrial.floor), style: 'bold' }], 'bold')
      : text('noise', 'too large to tell: a full trial could prove nothing', 'bold'),
    text('', [
      {
        text: `by the spread of ${countedText(pairs, 'pair')} of one setting against itself, flipped by a coin: the least that a full trial of ${fullTrial.pairs} pairs tells from none`,
        style: 'dim',
      },
    ]),
    gap,
  ];
}

export function recommendationLines(
  state: ViewState,
  { priority, settings, reason, evidence }: RecordOf<'recommendation'>,
): StoryLine[] {
  return [
    text('recommend', [{ text: otherThan(state, settings), style: 'bold' }, ` (priority ${priority})`], 'good'),
    text('reason', reason),
    text('evidence', [{ text: evidence, style: 'dim' }]),
  ];
}

export function notTriedLines(state: ViewState, { settings, reason }: RecordOf<'not-tried'>): StoryLine[] {
  if (settings === null) return [text('not now', reason)];
  return [text('not tried', [{ text: otherThan(state, settings), style: 'bold' }, `: ${reason}`])];
}

export function probeLines(state: ViewState, { settings, learns }: RecordOf<'probe'>): StoryLine[] {
  return [text('probe', [{ text: otherThan(state, settings), style: 'bold' }, ` for a moment, to learn ${learns}`])];
}

/** What the newest probe found. */
export function probedLines(state: ViewState): StoryLine[] {
  const probes = sessionInView(state)?.probes ?? [];
  const { candidate = [], baseline = [] } = state.windows.probes[probes.length - 1] ?? {};
  if (candidate.length === 0) return [text('found', 'nothing: the probe got no window that counts')];
  const objective = objectiveIn(state);
  const [found, usual] = [mean(candidate), mean(baseline)];
  const beside =
    baseline.length > 0
      ? `, against ${valueOfMetric(objective, usual)} in ${countedText(baseline.length, 'window')} between: ${changeText(found / usual - 1)}, which proves nothing yet`
      : ', and the probe ended there';
  return [
    text('found', [
      { text: valueOfMetric(objective, found), style: 'bold' },
      ` at ${otherThan(state, probes.at(-1)?.settings ?? {})} in ${countedText(candidate.length, 'window')}${beside}`,
    ]),
  ];
}

export function followLines(
  state: ViewState,
  { outcome, settings, reason, unjudged }: RecordOf<'follow'>,
): StoryLine[] {
  const anchor = { text: differing(settings, sessionInView(state)?.entry.anchor ?? {}), style: 'bold' } as const;
  if (outcome === 'left') return [text('left', [anchor, `: ${reason}; back on the configured default`])];
  if (outcome === 'refused') return [text('not taken', [anchor, `: ${reason}`])];
  const open = unjudged.length > 0 ? `; not judged here: ${unjudged.join(', ')}` : '';
  return [text('follows', [anchor, `: ${reason}${open}`])];
}

export function restLines(reason: string): StoryLine[] {
  return [text('at rest', `${reason}; measures on`)];
}

export function shiftLines({ reason }: RecordOf<'shift'>): StoryLine[] {
  return [gap, text('shifted', `${reason}; what was known of other settings counts no more`)];
}

export function turnLines({ waitsFor, waitedMs = 0 }: RecordOf<'turn'>): StoryLine[] {
  return waitsFor === null
    ? [text('its turn', `after ${durationText(waitedMs)}`)]
    : [text('waits', `${waitsFor} compares settings on this machine, and two at once would disturb each other`)];
}

export function suspendedLines(reason: string): StoryLine[] {
  return [text('suspended', `only measuring on the anchor for now: ${reason}`)];
}

export function endLines(phase: string, reason: string): StoryLine[] {
  if (phase === 'ended') return [text('ended', reason)];
  return [text(phase === 'stopped' || phase === 'interrupted' ? 'stopping' : phase, reason)];
}
