/** Each trial as it went: the strip, the guardrails, the checks, and its pairs as a table. */
import type { GuardrailReading } from '../../../tuner/entries/entries.ts';
import { amountText } from '../../../tuner/goal.ts';
import { evidenceText } from '../../words/evidence.ts';
import { guardrailText } from '../../words/guardrail.ts';
import { metricText } from '../../words/metric.ts';
import { changeText, countedText, shareText, wholeText } from '../../words/numbers.ts';
import type { ObjectiveData, ReportData, TrialData } from '../data.ts';
import { html, type Markup, prose } from '../markup.ts';
import { asksNotWorse, drawnWindows, stripPicture } from '../svg/strip.ts';
import { outcomeWord, toneOf, trialName } from '../trial-words.ts';
import type { Detail } from './detail.ts';
import { details, section, table } from './elements.ts';

const mostPairs = 60;

/** Of the trials, kept and harmful ones are shown before others. */
export function stripsSection(data: ReportData, { strips }: Detail): Markup | null {
  const { objective, trials } = data;
  if (!objective || trials.length === 0 || strips === 0) return null;
  const weight = (trial: TrialData) => ({ kept: 0, harm: 1, plain: 2 })[toneOf(trial)];
  const first = new Set([...trials].sort((a, b) => weight(a) - weight(b)).slice(0, strips));
  const drawn = trials.filter((one) => first.has(one));
  const others = trials.length - drawn.length;
  const lead =
    'A coin decides the order within each pair. Grey marks run the current setting, blue ones on tinted ground the candidate. Below, the e-values after each pair: blue is the evidence for keeping the candidate, orange for its being worse. A loss or a gain is proven where its line is crossed.';
  return section('trials', 'The trials as they went', lead, [
    drawn.map((trial) => trialMarkup(trial, objective)),
    others > 0
      ? html`<p class="soft small-text">${countedText(others, 'further trial')} in the table above and in the JSON.</p>`
      : null,
  ]);
}

function trialMarkup(trial: TrialData, objective: ObjectiveData): Markup {
  const picture = stripPicture(trial, objective);
  const tone = toneOf(trial);
  return html`<div class="trial"><h3>${trial.trial}. ${trialName(trial)} <span class="badge ${tone}">${outcomeWord(trial)}</span></h3>${trial.proposalReason ? html`<p class="meta">Tried because ${prose(trial.proposalReason)}</p>` : null}${picture ? html`<figure>${picture}${captionOf(trial)}</figure>` : html`<p class="soft">The windows of this trial are not kept any more.</p>`}${trial.reason ? html`<p class="meta">${prose(`Ended: ${trial.reason} (${evidenceText(trial)})`)}</p>` : null}${marks(trial)}${trial.pairs.length > 0 ? details(`${countedText(trial.pairs.length, 'pair')} as a table, ${wholeText(trial.calls.baseline)} and ${wholeText(trial.calls.candidate)} calls`, pairsTable(trial, objective)) : null}</div>`;
}

function captionOf(trial: TrialData): Markup | null {
  const sentences = [
    ...(asksNotWorse(trial)
      ? [
          `Blue here: evidence for not being worse than ${changeText(trial.revertAt)}, which is what had to be shown; grey: for being better.`,
        ]
      : []),
    ...(trial.windows.length > drawnWindows ? [`The last ${drawnWindows} of ${trial.windows.length} windows.`] : []),
  ];
  return sentences.length === 0 ? null : html`<figcaption>${prose(sentences.join(' '))}</figcaption>`;
}

function marks(trial: TrialData): Markup | null {
  const signs = { holds: '✓', broken: '✕', undecided: '?', unjudged: '–' } as const;
  const items = [
    ...trial.waitsFor.map(
      ({ text, detail }) => html`<li class="undecided" data-mark="?">${text}: not decided yet (${detail})</li>`,
    ),
    ...trial.guardrails.map(
      (one) =>
        html`<li class="${one.state}" data-mark="${signs[one.state]}">${guardrailText(one.guardrail)}: ${one.state}, ${readingText(one)}${one.detail ? ` (${one.detail})` : ''}</li>`,
    ),
    ...trial.checks.map(
      (one) =>
        html`<li class="${one.passed ? 'passed' : 'failed'}" data-mark="${one.passed ? '✓' : '✕'}">check ${one.name}: ${one.passed ? 'passed' : 'failed'}${one.detail ? `, ${one.detail}` : ''}</li>`,
    ),
  ];
  const failures =
    trial.guardrails.filter((one) => one.state === 'broken').length + trial.checks.filter((one) => !one.passed).length;
  const list = html`<ul class="marks">${items}</ul>`;
  if (items.length === 0) return null;
  if (failures > 0) return list;
  return details(
    `${countedText(trial.guardrails.length, 'guardrail')} and ${countedText(trial.checks.length, 'check')}, none broken`,
    list,
  );
}

/** '78 ms → 7.1 ms', '0.02 % → 0.02 %'. */
function readingText({ guardrail, baseline, candidate }: GuardrailReading): string {
  const value = (one: number) =>
    guardrail.metric === 'errors'
      ? shareText(one, 2)
      : Number.isFinite(one)
        ? amountText(guardrail.metric, one)
        : 'not known';
  return `${value(baseline)} → ${value(candidate)}`;
}

function pairsTable(trial: TrialData, objective: ObjectiveData): Markup {
  const columns = [
    { name: 'Pair', num: true },
    { name: 'Order' },
    { name: 'Baseline', num: true },
    { name: 'Candidate', num: true },
    { name: 'Log ratio, + is better', num: true },
    { name: 'log10 E better', num: true },
    { name: 'log10 E worse', num: true },
    { name: 'Effect so far', num: true },
  ];
  return table(
    `Pairs of trial ${trial.trial}`,
    columns,
    trial.pairs.slice(0, mostPairs).map((pair) => ({
      cells: [
        pair.index + 1,
        pair.order === 'AB' ? 'baseline first' : 'candidate first',
        metricText(objective.metric, pair.baseline),
        metricText(objective.metric, pair.candidate),
        signed(pair.d, 3),
        signed(pair.log10Better, 2),
        signed(pair.log10Worse, 2),
        changeText(pair.effect.estimate),
      ],
    })),
    { dense: true },
  );
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
