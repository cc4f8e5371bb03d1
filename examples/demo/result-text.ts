/** The result as a page of text for a person. What was not shown comes first. */
import type { Settings } from 'sandtune';
import { alike } from './grid.ts';
import { changedText, knobList } from './knob-list.ts';
import { notShownIn } from './not-shown.ts';
import { labelled, line, type PagePart, pageLines, pageWidth, percent, rangeText, whole } from './page.ts';
import type { DemoResult } from './result.ts';
import { trialTable } from './trial-table.ts';
import { waysText } from './ways.ts';

/** @param width columns, within which all but paths stays */
export function demoResultText(result: DemoResult, width = pageWidth): string {
  const { start, chosen, bestOfGrid, gain, calls, fractionOfBest, report } = result;
  const isStart = alike(start.settings, chosen.settings);
  const parts: readonly PagePart[] = [
    '',
    ...notShown(result),
    ...labelled(
      'chosen',
      isStart ? 'the start: no other setting was kept' : described(start.settings, chosen.settings),
    ),
    ...labelled('transport', waysText(result)),
    ...predictions(result),
    ...labelled(
      'goodput',
      isStart
        ? `${perSecond(start.goodput)}, in the windows of the last sweep, in turns with the best of its grid`
        : `${perSecond(start.goodput)} → ${perSecond(chosen.goodput)} (${percent(gain.estimate)}, ${gain.level * 100} % interval ${percent(gain.low)} … ${percent(gain.high)}), in turns in the windows of the last sweep`,
    ),
    ...labelled(
      'of best',
      `${fractionOfBest === null ? 'an unknown share' : `${(100 * fractionOfBest).toFixed(1)} %`} of the best of a swept grid (${described(start.settings, bestOfGrid.settings)}), measured side by side`,
    ),
    ...figure(result, 'noise', 'noise'),
    ...figure(result, 'own cost', 'cost'),
    '',
    ...trialTable(result.trials, width),
    '',
    ...figure(result, 'reverted', 'reverted'),
    ...labelled('kill -9', killText(result)),
    ...labelled(
      'checked',
      `${whole(result.digests.checked)} results against OpenSSL and others, ${result.digests.wrong} wrong`,
    ),
    ...labelled(
      'calls',
      `offered ${whole(calls.offered)} = settled ${whole(calls.offered - calls.inFlight)} + in flight ${whole(calls.inFlight)}; replay ${result.replayIdentical ? 'identical' : 'DIFFERS'}`,
    ),
    '',
    // Paths and the command stay whole, to be copied.
    line('report', report.html),
    line('', report.markdown),
    line('again', `npm start -- --seed ${result.seed}`),
    '',
  ];
  return `${pageLines(parts, width).join('\n')}\n`;
}

function notShown(result: DemoResult): readonly PagePart[] {
  const parts = notShownIn(result);
  if (parts.length === 0) return [];
  return [
    ...parts.flatMap((part, index) => labelled(index === 0 ? 'not shown' : '', `- ${part}`)),
    ...labelled('', 'A machine with less other work, or more --seconds, shows more.'),
    '',
  ];
}

/** What the models said before each trial, beside what came of it. */
function predictions({ trials, predictedNothing }: DemoResult): readonly PagePart[] {
  if (predictedNothing !== null) return labelled('predicted', `nothing, because ${predictedNothing}`);
  return trials.flatMap(({ id, from, settings, predicted, effect, covered }) => {
    if (!predicted) return [];
    const measured = effect ? `measured ${percent(effect.estimate)}${rangeText(effect)}` : 'not measured';
    const place = covered === null ? '' : covered ? ': inside' : ': outside';
    return labelled(
      'predicted',
      `${percent(predicted.estimate)}${rangeText(predicted)} of ${changedText(from, settings)} before trial ${id}, ${measured}${place}`,
    );
  });
}

/** A figure of the report, in the words it has there. */
function figure({ figures }: DemoResult, label: string, kind: string): readonly PagePart[] {
  const found = figures.find((one) => one.kind === kind);
  return found ? labelled(label, `${found.value}: ${found.note}`) : labelled(label, 'not measured');
}

/** The killed process is another one than that whose result this is, and is told apart from it. */
function killText({ crash }: DemoResult): string {
  const where = crash.killedInTrial ? 'inside a trial' : 'outside a trial';
  const stood = crash.onAnchor ? `on what it had committed, ${settingsChanged(crash)}` : 'NOT on what it had committed';
  return `another process, with a small sandbox of its own, was killed ${where}: its next start stood ${stood}`;
}

/** Knobs that differ from the start; 'the start' when none does. */
function described(start: Settings, settings: Settings): string {
  const parts = Object.entries(settings).filter(([knob, value]) => start[knob] !== value);
  return knobList(Object.fromEntries(parts)) || 'the start';
}

/** What makes the anchor of the killed process another one than it was configured with. */
function settingsChanged({ standsOn, configured }: DemoResult['crash']): string {
  const parts = Object.entries(configured).flatMap(([knob, value]) =>
    standsOn[knob] === value ? [] : [`${knob} ${String(standsOn[knob])}, not on the configured ${String(value)}`],
  );
  return parts.join('; ') || 'its anchor';
}

function perSecond(value: number): string {
  return `${whole(value)}/s`;
}
