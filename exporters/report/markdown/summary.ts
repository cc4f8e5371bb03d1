/**
 * ReportData → Markdown for a pull request: the verdict, the diff, a table of trials, the rest
 * folded away. At most 80 lines, whatever the ledger holds: every list has its own cap.
 */
import { optionText } from '../../../src/executor/option-text.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { evidenceText } from '../../words/evidence.ts';
import { faultTexts } from '../../words/faults.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { changeText, countedText, levelText, rangeText, wholeText } from '../../words/numbers.ts';
import { patchLines, patchSigns } from '../../words/patch-lines.ts';
import { settingsText, varyingKnobs } from '../../words/settings.ts';
import { accountText } from '../account-words.ts';
import { unreadableText } from '../damage-words.ts';
import type { ObjectiveData, PointData, ReportData, TrialData } from '../data.ts';
import { multipleText, ranked } from '../point-words.ts';
import { sentence } from '../sentence.ts';
import {
  delayText,
  harmText,
  otherMetricText,
  outcomeDetail,
  outcomeWord,
  revertedIn,
  revertedText,
  trialName,
  underText,
} from '../trial-words.ts';
import { fence, md } from './escape.ts';

/** Lines of each list. Their sum with all headings stays below 80. */
const most = { diff: 12, trials: 8, reverts: 4, points: 5, validity: 7, notes: 3, damage: 2 } as const;

export function renderMarkdown(data: ReportData): string {
  const lines = [
    ...heading(data),
    ...facts(data),
    ...notices(data),
    ...diff(data),
    ...trials(data),
    ...reverts(data),
    ...folded('Settings tested', points(data)),
    ...folded('What this holds for, how to get it again', validity(data)),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is broken now, then one clause as the heading; what a model says, and what else was looked at, below it. */
function heading({ verdict }: ReportData): string[] {
  const { kind, alarm, action, claim, rest, why } = verdict;
  const said = kind === 'suggestion' && why !== '' ? action : `${action}${kind === 'refused' ? '; ' : ': '}${claim}`;
  const below = [said === action ? claim : '', rest].filter((part) => part !== '').join('; ');
  const paragraph = [below, why].filter((part) => part !== '').map((part) => md(sentence(part)));
  return [
    ...(alarm === null ? [] : [`## ${md(alarm)}`, '']),
    `${alarm === null ? '##' : '###'} ${md(said)}`,
    '',
    ...(paragraph.length === 0 ? [] : [paragraph.join(' '), '']),
  ];
}

/** The figures in one paragraph, the noise before any gain. */
function facts({ title, figures, accounting, session }: ReportData): string[] {
  if (!session) return [];
  const parts = figures.map(({ name, value, note }) => `${lowered(name)} ${value} (${note})`);
  const balance = accounting
    ? accounting.difference === 0
      ? accountText(accounting)
      : `**${accountText(accounting)}**`
    : null;
  return [`${md(title)}: ${[...parts.map(md), ...(balance === null ? [] : [balance])].join('; ')}.`, ''];
}

function lowered(name: string): string {
  return /^[A-Z]{2}/.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

/** What somebody should know before they rely on the rest, the newest notes first. */
function notices({ damage, notes }: ReportData): string[] {
  const damaged = [...unreadableText(damage), ...faultTexts(damage)];
  const listed = [
    ...damaged.slice(0, most.damage).map((one) => `- **${md(one)}**`),
    ...notes
      .toReversed()
      .slice(0, most.notes)
      .map((one) => `- ${md(one.title)}: ${md(one.text)}`),
  ];
  const more = damaged.length + notes.length - listed.length;
  return listed.length === 0 ? [] : [...listed, ...(more > 0 ? [`- ${more} more in the HTML`] : []), ''];
}

function diff({ settings, verdict }: ReportData): string[] {
  const changed = settings.knobs.filter((one) => one.changed);
  const steps = patchLines(settings.patches);
  if (steps.length > 0) {
    const listed = steps.slice(0, most.diff).map(({ kind, text }) => `${patchSigns[kind]}${text}`);
    return [
      ...fence('diff', listed),
      ...(steps.length > most.diff ? ['', `${steps.length - most.diff} more lines in the HTML.`] : []),
      '',
    ];
  }
  if (changed.length === 0) return [];
  if (verdict.kind !== 'change' && verdict.kind !== 'ask' && verdict.kind !== 'suggestion') return [];
  return [
    ...fence(
      'diff',
      changed
        .slice(0, most.diff)
        .map((one) => `+ ${one.chosen === null ? `${one.id}: unset` : optionText(one.id, one.chosen)}`),
    ),
    '',
  ];
}

function trials({ trials: all, objective }: ReportData): string[] {
  if (all.length === 0 || !objective) return [];
  const kept = all.filter((one) => one.decision === 'commit');
  const listed =
    all.length <= most.trials
      ? all
      : [...kept, ...all.filter((one) => one.decision !== 'commit')]
          .slice(0, most.trials)
          .sort((a, b) => a.trial - b.trial);
  return [
    `| trial | change of ${metricName(objective.metric)} | pairs | evidence | outcome |`,
    '| --- | ---: | ---: | --- | --- |',
    ...listed.map((one) => `| ${cells(one, objective.metric).join(' | ')} |`),
    ...(all.length > listed.length ? ['', `${all.length - listed.length} more trials in the HTML.`] : []),
    '',
  ];
}

function cells(trial: TrialData, metric: ObjectiveData['metric']): string[] {
  const { direction } = trial.objective;
  const effect = trial.effect && asMetricChange(trial.effect, direction);
  const all = trial.allCalls && asMetricChange(trial.allCalls, direction);
  const detail = outcomeDetail(trial);
  return [
    `${trial.trial}. ${md(trialName(trial))}`,
    effect
      ? `${otherMetricText(trial, metric)}${changeText(effect.estimate)} (${rangeText(effect.low, effect.high)})${all ? `, over all calls ${changeText(all.estimate)}` : ''}`
      : 'none',
    String(trial.pairCount),
    evidenceText(trial),
    md(detail ? `${outcomeWord(trial)}: ${detail}` : outcomeWord(trial)),
  ];
}

function reverts({ reverts: all, callsAffectedByReverts }: ReportData): string[] {
  if (all.length === 0) return [];
  const counts = revertedIn(all);
  const listed = all
    .slice(0, most.reverts)
    .map(
      (one) =>
        `- ${md(changesText(one.from, one.settings))}: ${md(one.trigger)} ${delayText(one)}, ${underText(one.callsAffected, { settings: 1 })}. ${md(one.reason)}`,
    );
  return [
    `**Reverted, and why**: ${revertedText(counts)}, ${underText(callsAffectedByReverts, counts)}; ${harmText(counts)}`,
    '',
    ...listed,
    ...(all.length > most.reverts ? [`- ${all.length - most.reverts} more in the HTML`] : []),
    '',
  ];
}

function points(data: ReportData): string[] {
  const { points: all, objective } = data;
  // Of the setting at the start alone the paragraph of figures says all there is.
  if (!objective || all.every((one) => one.source === 'baseline')) return [];
  const named = varyingKnobs(all.map((one) => one.settings));
  const value = (one: number) => metricText(objective.metric, one);
  const range = ({ low, high }: PointData) => (low === high ? '' : ` (${value(low)} to ${value(high)})`);
  const beside = (one: PointData) => (one.beside ? value(one.beside.value) : 'nothing');
  return [
    `| setting | against the start | ${metricName(objective.metric)} | beside it | from |`,
    '| --- | ---: | ---: | ---: | --- |',
    ...ranked(data)
      .slice(0, most.points)
      .map(
        (one) =>
          `| ${md(settingsText(one.settings, named))} | ${one.multiple ? multipleText(one.multiple.value) : 'not known'} | ${value(one.value)}${range(one)} | ${beside(one)} | ${one.source}, ${countedText(one.windows, 'window')} |`,
      ),
    ...(all.length > most.points ? ['', `The best ${most.points} of ${all.length} tested points.`] : []),
  ];
}

function validity({ validity: sentences, reproduce, predictions, objective, trials }: ReportData): string[] {
  if (!reproduce || !objective) return [];
  const byGoal = (trial: number) => trials.find((one) => one.trial === trial)?.objective.metric === objective.metric;
  const scored = predictions.filter((one) => one.covered !== null && byGoal(one.trial));
  const first = scored.find((one) => one.measured !== null);
  const turn = (one: (typeof predictions)[number]['predicted']) => asMetricChange(one, objective.direction);
  const { replay } = reproduce;
  return [
    ...sentences.slice(0, most.validity).map((one) => `- ${md(one)}`),
    ...(first?.measured
      ? [
          `- Predicted ${changeText(turn(first.predicted).estimate)} (${rangeText(turn(first.predicted).low, turn(first.predicted).high)}) before trial ${first.trial}, measured ${changeText(turn(first.measured).estimate)} (${levelText(first.measured.level)}); ${scored.filter((one) => one.covered).length} of ${scored.length} inside.`,
        ]
      : []),
    `- Seed ${reproduce.seed}, session ${reproduce.session}${replay ? `, replay ${replay.identical ? 'identical' : '**differs**'} (${wholeText(replay.records)} records)` : ''}.`,
    '',
    ...fence('ts', [reproduce.call.replace(/\n\s*/g, ' ').replace(', })', ' })')]),
  ];
}

function folded(summary: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`<details><summary>${summary}</summary>`, '', ...lines, '', '</details>', ''];
}
