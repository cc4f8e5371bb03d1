/**
 * The block at the foot of the terminal, redrawn in place: what happens now, the live rate, and in a
 * trial the strip with the evidence climbing to its line. Pure: state and width in, lines out.
 */
import type { Interval } from '../../../src/contracts.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { openTrial, type SessionHistory, type TrialHistory } from '../../../tuner/history.ts';
import { fewestPairs } from '../../../tuner/trial/e-value.ts';
import { leastOdds } from '../../words/evidence.ts';
import { brokenText } from '../../words/limits.ts';
import { noiseText } from '../../words/noise.ts';
import { countedText, groupedText } from '../../words/numbers.ts';
import { bar, barToLine } from './bar.ts';
import { gutter, labelled } from './lines.ts';
import type { Paint } from './paint.ts';
import { brokenInView, drawnCells, objectiveIn, sessionInView, type ViewState } from './state.ts';
import { type DrawnCell, drawStrip } from './strip.ts';
import { clean, cut, cutMiddle, displayWidth, type Span, wrapSpans } from './text.ts';
import { differing, effectRange, otherThan, valueOfMetric } from './words.ts';

const widest = 120;
const barColumns = { least: 4, most: 40 } as const;
/** A bar with nothing beside it is never narrower. */
const narrowBar = 10;
/** ' 110 of at most 110 pairs, about 12.5 min': the longest of what is said beside a bar. */
const besideBar = 42;

interface StatusLooks {
  /** Columns. */
  readonly width: number;
  readonly paint: Paint;
  /** It says of which executor it is. */
  readonly isOneOfSeveral: boolean;
}

/** Lines of at most `width` columns; none before anything happened and after the end. */
export function statusLines(state: ViewState, { width, paint, isOneOfSeveral }: StatusLooks): string[] {
  const session = sessionInView(state);
  if (!session || session.phase === 'ended') return [];
  const columns = Math.min(width, widest) - gutter;
  const trial = openTrial(session);
  const body = trial ? trialBody(trial, state, columns) : quietBody(state, session, columns);
  const nameText = isOneOfSeveral ? `${cutMiddle(clean(session.entry.executor), Math.floor(width / 3))} · ` : '';
  return [
    '',
    ruleLine(state, `${nameText}${clean(phaseText(state, session))}`, Math.min(width, widest), paint),
    ...brokenInView(state).map((one) =>
      labelled('broken', 'bad', [{ text: cut(`✗ ${brokenText(one)}`, columns), style: 'bad' }], paint),
    ),
    ...body.map(({ label, spans }) => labelled(label, 'dim', spans, paint)),
  ];
}

interface StatusLine {
  readonly label: string;
  readonly spans: readonly Span[];
}

/** '── trial 2 · batchSize 1 → 64 ─────────────── 14.9 k/s · 0:32 ──' */
function ruleLine(state: ViewState, said: string, width: number, paint: Paint): string {
  const rate = state.recent.at(-1);
  const beside = [
    ...(state.elapsedMs === null ? [] : [elapsedText(state.elapsedMs)]),
    ...(rate === undefined ? [] : [`${valueOfMetric(objectiveIn(state), rate)} now`]),
  ];
  // What happens comes first: where it does not fit beside the rate, that is left out, and then the time.
  const room = width - 12;
  while (beside.length > 0 && displayWidth(said) + displayWidth(beside.join(' · ')) > room) beside.pop();
  const right = beside.toReversed().join(' · ');
  if (right === '') {
    const alone = cut(said, width - 5);
    return `${paint('──', 'dim')} ${paint(alone, 'bold')} ${paint('─'.repeat(width - 4 - displayWidth(alone)), 'dim')}`;
  }
  const left = cut(said, room - displayWidth(right));
  const fill = Math.max(0, width - displayWidth(left) - displayWidth(right) - 8);
  return `${paint('──', 'dim')} ${paint(left, 'bold')} ${paint('─'.repeat(fill), 'dim')} ${right} ${paint('──', 'dim')}`;
}

function phaseText(state: ViewState, session: SessionHistory): string {
  const { observedWindows } = state;
  switch (session.phase) {
    case 'observing': {
      const wanted = session.entry.options.baselineWindows;
      return observedWindows > wanted
        ? 'measuring at rest'
        : `measuring at rest, window ${observedWindows} of ${wanted}${restText(state, session)}`;
    }
    case 'following':
      return 'on the anchor of the process that tunes';
    case 'choosing':
      return 'choosing what to try';
    case 'waiting':
      return `waiting for its turn: ${session.turns.waitsFor} compares settings on this machine`;
    case 'probing':
      return `probe: ${otherThan(state, session.probes.at(-1)?.settings ?? {})}`;
    case 'asking':
      return 'waiting for your answer';
    case 'resting':
      return session.recommendations.length > 0
        ? 'at rest: what is recommended is yours to set'
        : 'nothing worth trying for now';
    case 'suspended':
      return 'only measuring: the ledger cannot be written';
    case 'trying': {
      const trial = openTrial(session);
      if (!trial) return 'in a trial';
      if (trial.purpose === 'a/a')
        return `noise: one setting against itself, pair ${trial.pairs.length} of ${trial.design.maxPairs}`;
      const name = trial.purpose === 'hold-back' ? 'hold-back' : `trial ${trial.trial}`;
      return `${name}: ${changesText(trial.baseline, trial.candidate)}, ${countedText(trial.pairs.length, 'pair')}`;
    }
    case 'ended':
      return '';
  }
}

/** ', about 12 s': how long the windows that are wanted will take, which are longer where calls are few. */
function restText({ observedWindows, elapsedMs }: ViewState, { entry: { options } }: SessionHistory): string {
  const left = options.baselineWindows - observedWindows;
  const seenMs = observedWindows > 0 && elapsedMs !== null ? elapsedMs / observedWindows : 0;
  return left > 0 ? `, about ${durationText(left * Math.max(options.windowMs, seenMs))}` : '';
}

function quietBody(state: ViewState, session: SessionHistory, columns: number): StatusLine[] {
  const cells = state.recent.map((value): DrawnCell => ({ arm: 'baseline', value }));
  const { heights } = drawStrip(cells, cells.slice(-columns));
  const wanted = session.entry.options.baselineWindows;
  const progress = session.phase === 'observing' && state.observedWindows <= wanted;
  return [
    ...(heights.length > 0 ? [{ label: 'rate', spans: heights }] : []),
    ...(progress
      ? [{ label: 'baseline', spans: bar(state.observedWindows / wanted, Math.max(narrowBar, barWidth(columns)), 'a') }]
      : []),
  ];
}

function trialBody(trial: TrialHistory, state: ViewState, columns: number): StatusLine[] {
  const { design, waitsFor } = trial;
  const last = trial.pairs.at(-1);
  const cells = drawnCells(state, trial);
  const room = cells.length > columns ? columns - 2 : columns;
  const earlier: Span[] = cells.length > columns ? [{ text: '… ', style: 'dim' }] : [];
  const { heights, letters } = drawStrip(cells, cells.slice(-room));
  const strip: StatusLine[] = [
    { label: 'windows', spans: [...earlier, ...heights] },
    { label: '', spans: [...(earlier.length > 0 ? [{ text: '  ' }] : []), ...letters] },
  ];
  const ends = [pairsLine(trial, state, columns), ...stopLines(state, trial, columns)];
  if (trial.purpose === 'a/a') return [...strip, ...ends];
  const better = 1 / design.commitAlpha;
  const worse = (1 + design.goal.guardrails.length) / design.alpha;
  const effect: StatusLine = {
    label: 'so far',
    spans: [{ text: last ? soFarText(trial, last.effect) : 'no pair yet' }],
  };
  return [
    ...strip,
    evidenceLine('better?', last?.log10Better ?? 0, better, columns, 'good'),
    evidenceLine('worse?', last?.log10Worse ?? 0, worse, columns, 'bad'),
    ...(design.cheaper && last ? [equivalenceLine(last.effect, design.revertAt, columns)] : []),
    effect,
    ...ends,
    // What else a commit waits for is shown once the gain itself is proven.
    ...((last?.log10Better ?? 0) >= Math.log10(better)
      ? waitsFor.map(({ text, detail }) => ({
          label: 'waits for',
          spans: [{ text: cut(`${text}: ${detail}`, columns) }],
        }))
      : []),
  ];
}

/** So few pairs bound nothing, whatever they show: then how many do. */
function soFarText({ design, pairs }: TrialHistory, effect: Interval): string {
  const fewest = fewestPairs(design.alpha);
  return pairs.length < fewest ? `no bounds before ${fewest} pairs` : effectRange(design.goal.objective, effect);
}

/** A cheaper setting is kept as well once the whole interval is within the loss that is accepted, either way. */
function equivalenceLine({ low, high }: Interval, revertAt: number, columns: number): StatusLine {
  const farthest = Math.max(Math.abs(low), Math.abs(high));
  const words = `within ${noiseText(farthest)}, proven within ${noiseText(-revertAt)}`;
  return barLine('as good?', words, columns, (width) => barToLine(-revertAt, { line: farthest }, width, 'good'));
}

/** '▉▉▉▋····┃ 12 of at most 60 pairs, about 45 s': where nothing is proven before, this ends the trial. */
function pairsLine({ pairs, design }: TrialHistory, state: ViewState, columns: number): StatusLine {
  const sinceMs = Math.max(0, (state.elapsedMs ?? 0) - (state.trialSinceMs ?? 0));
  const left = Math.max(0, design.maxPairs - pairs.length);
  const pairMs = pairs.length > 0 ? sinceMs / pairs.length : 2 * design.windowMs;
  const leftMs = Math.max(0, Math.min(left * pairMs, design.maxDurationMs - sinceMs));
  const words = `${pairs.length} of at most ${countedText(design.maxPairs, 'pair')}, about ${durationText(leftMs)}`;
  return barLine('pairs', words, columns, (width) => barToLine(pairs.length, { line: design.maxPairs }, width, 'a'));
}

/** What would be lost if the tuner were stopped now; nothing outside trials. */
function stopLines(state: ViewState, trial: TrialHistory, columns: number): readonly StatusLine[] {
  return wrapSpans([{ text: lossText(state, trial), style: 'dim' }], columns).map((spans, line) => ({
    label: line === 0 ? 'if stopped' : '',
    spans,
  }));
}

function lossText(state: ViewState, { purpose, pairs, asked, baseline, candidate }: TrialHistory): string {
  const seen = countedText(pairs.length, 'pair');
  switch (purpose) {
    case 'a/a':
      return `the noise is not known: ${seen} lost`;
    case 'hold-back':
      return `${differing(candidate, baseline)} is not the anchor yet: back to ${differing(baseline, candidate)}`;
    case 'candidate':
      return asked
        ? `${differing(candidate, baseline)} is not kept: no answer is a no`
        : `${seen} lost, ${differing(sessionInView(state)?.inForce ?? baseline, candidate)} stays`;
  }
}

/** Evidence in odds. Its bar is on a log scale, from where there are words for it to the line at which it is proof. */
function evidenceLine(label: string, log10E: number, line: number, columns: number, style: 'good' | 'bad'): StatusLine {
  const way = { from: Math.log10(leastOdds), line: Math.log10(line) };
  const odds = log10E >= way.from ? `${groupedText(10 ** Math.min(15, log10E))} : 1` : 'none yet';
  const words = `${odds}${log10E >= way.line ? ', proven' : `, proof at ${groupedText(line)} : 1`}`;
  return barLine(label, words, columns, (width) => barToLine(log10E, way, width, style));
}

/** A bar and what is said of it, which is said alone where there is no room for both. */
function barLine(label: string, words: string, columns: number, draw: (width: number) => Span[]): StatusLine {
  const width = barWidth(columns);
  if (width === 0) return { label, spans: [{ text: cut(words, columns), style: 'dim' }] };
  return { label, spans: [...draw(width), { text: ` ${cut(words, columns - width - 1)}`, style: 'dim' }] };
}

/** 0 where the words need all the room. */
function barWidth(columns: number): number {
  const width = Math.min(barColumns.most, columns - besideBar);
  return width < barColumns.least ? 0 : width;
}

function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
