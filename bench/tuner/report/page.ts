/**
 * The suite's result as one HTML file that needs nothing else: what each rule lost in each world, won and lost
 * worlds, exposure, calibration, and every figure beside its target.
 */
import { styleSheet } from '../../../exporters/report/html/style.ts';
import { html, type Markup, type MarkupValue } from '../../../exporters/report/markup.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { judge } from '../../judge.ts';
import type { SuiteResult } from '../../suite.ts';
import { type Lap, ours } from '../lap.ts';
import { isNull, type Laps, peersAhead, peersIn, worthIn } from '../reading.ts';
import { calibrationPicture } from './calibration-picture.ts';
import { percent, regretPicture } from './regret-picture.ts';

const ownStyle = `
svg .band{fill:var(--kept);opacity:.16} svg .line{fill:none;stroke-width:1.6;stroke-linejoin:round}
svg .line.ours{stroke:var(--kept);stroke-width:2.4} svg text.end.ours{fill:var(--kept);font-weight:600}
svg .line.p0{stroke:var(--s6)} svg .line.p1{stroke:var(--s4)} svg .line.p2{stroke:var(--s7)}
svg text.end.p0{fill:var(--s6)} svg text.end.p1{fill:var(--s4)} svg text.end.p2{fill:var(--s7)}
svg .scored.in{fill:var(--kept);opacity:.7} svg .scored.out{fill:none;stroke:var(--harm);stroke-width:1.6}
h3.world{margin-bottom:2px} figure.world+figure.world{margin-top:30px}
td.best{font-weight:660;color:var(--kept)} td.missed{color:var(--harm);font-weight:600}`;

/** @param laps those of whole runs; none where only other groups ran */
export function renderSuite(result: SuiteResult, laps: Laps): string {
  const head = html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bench ${result.suite}</title>`;
  const body = [
    headline(result, laps),
    ...(laps.size === 0 ? [] : [regret(laps), wins(laps), exposure(laps), calibration(laps)]),
    figures(result),
  ];
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.text}\n<style>${styleSheet}${ownStyle}</style>\n</head>\n<body>\n<main>${body.map((one) => one.text).join('')}</main>\n</body>\n</html>\n`;
}

function headline({ suite, date, node, machine, seed, length, figures: all }: SuiteResult, laps: Laps): Markup {
  const judged = all.flatMap((figure) => judge(figure, length === 'quick' ? { on: 'value' } : {}));
  const reached = judged.filter(({ state }) => state === 'reached').length;
  const seeds = Math.max(0, ...[...laps.values()].map((one) => one.length));
  return html`<div class="masthead"><span><b>sandtune</b> bench ${suite}</span><span>${date.slice(0, 16).replace('T', ' ')} UTC · Node ${node} · ${machine}</span></div>
<div class="verdict"><h1>${reached} of ${judged.length} targets reached</h1><p class="claim">${laps.size === 0 ? 'No whole runs in this result.' : `Whole runs in ${laps.size} ${laps.size === 1 ? 'world' : 'worlds'}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} each from seed ${seed}, ours and each peer in the same ones.`}${length === 'quick' ? ' A quick run: its targets are a hint.' : ''}</p></div>`;
}

function section(title: string, about: string, body: MarkupValue): Markup {
  return html`<section><header><h2>${title}</h2><p>${about}</p></header><div class="body">${body}</div></section>`;
}

function regret(laps: Laps): Markup {
  return section(
    'Regret',
    'What was lost of the best setting at each moment. Lines are medians over seeds, the band holds eight of ten of our runs; beside ours the three peers that lost least.',
    [...laps].map(
      ([world, one]) =>
        html`<figure class="world"><h3 class="world">${world}</h3>${regretPicture(world, one, secondsOf(one))}</figure>`,
    ),
  );
}

function secondsOf([first]: readonly Lap[]): number {
  return Math.round(first?.seconds ?? 0);
}

function wins(laps: Laps): Markup {
  const peers = peersIn(laps);
  return section(
    'Wins and losses',
    'Share of the best over the whole run. A world is won where no peer did better; one whose default is the best cannot be won.',
    html`<div class="scroll" tabindex="0"><table class="broad"><thead><tr><th>world</th><th class="num">ours</th>${peers.map((peer) => html`<th class="num">${peer}</th>`)}<th class="num">never tuning</th><th class="num">best static</th></tr></thead><tbody>${[...laps].map(([world, one]) => winsRow(world, one, peers))}</tbody></table></div>`,
  );
}

function winsRow(world: string, laps: readonly Lap[], peers: readonly string[]): Markup {
  const ahead = peersAhead(laps);
  const own = worthIn(laps, ours, 'ofBest');
  const state = isNull(laps) ? 'nothing to win' : ahead.length === 0 ? 'won' : `behind ${ahead.length}`;
  const cell = (value: number, className = '') =>
    html`<td class="num ${className}">${Number.isNaN(value) ? '–' : value.toFixed(3)}</td>`;
  return html`<tr><td class="nowrap">${world}</td><td class="num">${own.toFixed(3)}<small>${state}</small></td>${peers.map((peer) => cell(worthIn(laps, peer, 'ofBest'), worthIn(laps, peer, 'ofBest') > own ? 'best' : ''))}${cell(worthIn(laps, ours, 'defaultOfBest'))}${cell(worthIn(laps, ours, 'staticOfBest'))}</tr>`;
}

function exposure(laps: Laps): Markup {
  const all = [...laps.values()].flat();
  const rows = [ours, ...peersIn(laps)].map((rule) => {
    const told = all.flatMap(({ runs }) => (runs[rule] ? [runs[rule].whole.exposed] : []));
    return { rule, share: mean(told), worst: Math.max(...told) };
  });
  return section(
    'Exposure',
    'Share of the time in which what was in force was worth less than 95 % of the default.',
    html`<table><thead><tr><th>rule</th><th class="num">over all runs</th><th class="num">worst run</th></tr></thead><tbody>${rows
      .toSorted((a, b) => a.share - b.share)
      .map(
        ({ rule, share, worst }) =>
          html`<tr class="${rule === ours ? 'strong' : ''}"><td>${rule}</td><td class="num">${percent(share)}</td><td class="num">${percent(worst)}</td></tr>`,
      )}</tbody></table>`,
  );
}

function calibration(laps: Laps): Markup {
  const scores = [...laps.values()].flat().flatMap(({ runs }) => runs[ours]?.scores ?? []);
  const inside = scores.filter(({ covered }) => covered).length;
  return section(
    'Calibration',
    'Sealed predictions against what their trials measured. Rings lay outside the predicted interval, which is to hold four of five.',
    scores.length === 0
      ? html`<p>No prediction was tried in these runs.</p>`
      : html`<figure>${calibrationPicture(scores)}<figcaption>${inside} of ${scores.length} (${percent(inside / scores.length)}) inside.</figcaption></figure>`,
  );
}

function figures({ figures: all, length }: SuiteResult): Markup {
  const judged = all.flatMap((figure) =>
    judge(figure, length === 'quick' ? { on: 'value' } : {}).map((one) => ({ figure, one })),
  );
  const short = (value: number) =>
    Math.abs(value) >= 100 ? String(Math.round(value)) : Number(value.toPrecision(3)).toString();
  return section(
    'Figures',
    'Each target, and the end of the 95 % interval (or the value) that was held against it.',
    html`<table class="stacked"><thead><tr><th>figure</th><th class="num">value</th><th class="num">target</th><th>held</th></tr></thead><tbody>${judged.map(({ figure, one }) => html`<tr><td>${figure.name}</td><td class="num" data-name="value"><span>${short(figure.value)}${figure.ci95 ? html`<small>${short(figure.ci95[0])} to ${short(figure.ci95[1])}</small>` : null}</span></td><td class="num" data-name="target"><span>${one.target.op === '>=' ? '≥' : '≤'} ${short(one.limit)}</span></td><td class="${one.state === 'reached' ? '' : 'missed'}" data-name="held"><span>${one.state}${typeof one.held === 'string' ? html`<small>${one.held}</small>` : null}</span></td></tr>`)}</tbody></table>`,
  );
}
