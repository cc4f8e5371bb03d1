import { expect, test } from 'vitest';
import { type ReportData, report } from '../../../exporters/index.ts';
import { effectsPicture } from '../../../exporters/report/svg/effects.ts';
import { percentilesPicture } from '../../../exporters/report/svg/percentiles.ts';
import { responsePicture } from '../../../exporters/report/svg/response.ts';
import { stagesPicture } from '../../../exporters/report/svg/stages.ts';
import { stripPicture } from '../../../exporters/report/svg/strip.ts';
import { memoryLedger, SampleSession } from '../../support/sample-ledger.ts';
import { richStory } from '../../support/sample-stories.ts';

const { data } = report(memoryLedger(richStory()));

/** The wide drawing alone. */
function wide(markup: { readonly text: string } | null): string {
  return /<svg class="wide"[\s\S]*?<\/svg>/.exec(markup?.text ?? '')?.[0] ?? expect.fail('no picture');
}

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;
const trialOf = (of: ReportData, trial: number) =>
  of.trials.find((one) => one.trial === trial) ?? expect.fail('no such trial');

test('the response shows every tested point with its whisker, and nothing that joins them', () => {
  const svg = wide(responsePicture(data));
  const panels = 4;
  expect(count(svg, /<g class="point /g)).toBe(panels * data.points.length);
  expect(count(svg, /class="whisker"/g)).toBe(panels * data.points.length);
  expect(svg).not.toMatch(/<polyline|stairs|class="curve/);
  // The only paths are markers, which are closed.
  for (const [path] of svg.matchAll(/<path[^>]*>/g)) expect(path).toMatch(/class="dot".*Z"/);
});

test('a whisker is as long as its interval', () => {
  const [first, ...rest] = data.points;
  const point = first ?? expect.fail('no point');
  const longer = {
    ...data,
    points: [{ ...point, multiple: { ...(point.multiple ?? expect.fail('no multiple')), low: 0.1 } }, ...rest],
  };
  expect(wide(responsePicture(longer))).not.toBe(wide(responsePicture(data)));
});

test('the strip has one mark for each window, candidates on tinted ground, and joins pairs', () => {
  const trial = trialOf(data, 2);
  const svg = wide(stripPicture(trial, data.objective ?? expect.fail('no objective')));
  expect(count(svg, /class="bar baseline/g)).toBe(trial.windows.filter((one) => one.arm === 'baseline').length);
  expect(count(svg, /class="bar candidate/g)).toBe(trial.windows.filter((one) => one.arm === 'candidate').length);
  expect(count(svg, /class="ground"/g)).toBe(trial.windows.filter((one) => one.arm === 'candidate').length);
  expect(count(svg, /class="bracket"/g)).toBe(trial.pairs.length);
  expect(count(svg, / ramp"/g)).toBe(2);
});

test('every judged window belongs to its pair, and ramp windows to none', () => {
  const trial = trialOf(data, 2);
  expect(trial.windows.slice(0, 2).map((one) => one.pair)).toEqual([null, null]);
  for (const pair of trial.pairs) {
    const own = trial.windows.filter((one) => one.pair === pair.index);
    expect(own.map((one) => one.arm).sort()).toEqual(['baseline', 'candidate']);
    expect(own[0]?.arm).toBe(pair.order === 'AB' ? 'baseline' : 'candidate');
    for (const one of own) expect(one.value).toBeCloseTo(pair[one.arm], -3);
  }
});

test('the e-value climbs in stairs to the lines of the design', () => {
  const trial = trialOf(data, 2);
  const svg = wide(stripPicture(trial, data.objective ?? expect.fail('no objective')));
  expect(trial.proveAt).toBe(100);
  expect(trial.revertAtE).toBeCloseTo(400, 6);
  expect(svg).toContain('keep: E ≥ 100');
  expect(svg).toContain('revert: E ≥ 400');
  const [stairs = ''] = [...svg.matchAll(/<g class="evidence kept"><path class="stairs" d="([^"]+)"/g)].map(
    ([, d]) => d ?? '',
  );
  const points = stairs
    .slice(1)
    .split('L')
    .map((one) => one.split(' ').map(Number));
  expect(points).toHaveLength(1 + 2 * trial.pairs.length);
  // Each step moves along one axis only.
  for (let i = 1; i < points.length; i++)
    expect(points[i]?.[0] === points[i - 1]?.[0] || points[i]?.[1] === points[i - 1]?.[1]).toBe(true);
});

test('a trial that ended because the candidate is as good shows the evidence it ended on', () => {
  const trial = trialOf(data, 3);
  expect(trial.verdict).toBe('equivalent');
  expect(trial.log10NotWorse).toHaveLength(trial.pairs.length);
  for (const [i, log] of trial.log10NotWorse.entries()) expect(log).toBeGreaterThan(trial.pairs[i]?.log10Better ?? 0);
  const svg = wide(stripPicture(trial, data.objective ?? expect.fail('no objective')));
  expect(count(svg, /<g class="evidence (harm|plain|kept)">/g)).toBe(3);
  const better = wide(stripPicture(trialOf(data, 2), data.objective ?? expect.fail('no objective')));
  expect(count(better, /<g class="evidence (harm|plain|kept)">/g)).toBe(2);
});

test('of a long trial the last windows are drawn, and only whole pairs', () => {
  const trial = trialOf(data, 3);
  const windows = Array.from({ length: 20 }, (_, k) =>
    trial.windows
      .filter((one) => one.pair !== null)
      .map((one) => ({
        ...one,
        startMs: one.startMs + k * 20_000,
        endMs: one.endMs + k * 20_000,
        pair: (one.pair ?? 0) + k * 16,
      })),
  ).flat();
  const pairs = Array.from({ length: 20 }, (_, k) =>
    trial.pairs.map((one) => ({ ...one, index: one.index + k * 16 })),
  ).flat();
  const long = { ...trial, windows, pairs, log10NotWorse: pairs.map((_, i) => i / 100) };
  const svg = wide(stripPicture(long, data.objective ?? expect.fail('no objective')));
  expect(count(svg, /class="bar /g)).toBe(240);
  expect(count(svg, /class="bracket"/g)).toBe(119);
  expect(svg).not.toContain('NaN');
});

test('effects are drawn before the noise they must exceed', () => {
  const svg = wide(effectsPicture(data));
  expect(count(svg, /class="noise"/g)).toBe(1);
  expect(count(svg, /<g class="(kept|harm|plain)">/g)).toBe(data.trials.length);
  expect(count(svg, /<g class="harm">/g)).toBe(2);
  expect(count(svg, /<g class="predicted">/g)).toBe(data.predictions.length);
  const without = wide(effectsPicture({ ...data, noise: null }));
  expect(without).not.toContain('class="noise"');
});

test('the name of a trial is told in full beside its bar, and never runs into it', () => {
  const settings = { threads: 4, batchSize: 32, moduleCacheCapacity: 18 };
  const trials = data.trials.map((one) => ({
    ...one,
    purpose: 'hold-back' as const,
    candidate: { ...one.baseline, ...settings, threads: 5 },
    effect: { estimate: 0, low: -0.999, high: 99, level: 0.99 },
  }));
  const svg = wide(effectsPicture({ ...data, trials }));
  const bars = Math.min(...[...svg.matchAll(/<line x1="([\d.]+)"[^>]*class="whisker"/g)].map(([, x]) => Number(x)));
  const names = [...svg.matchAll(/<text x="0" [^>]*class="strong"[^>]*>([^<]*)</g)].map(([, name]) => name ?? '');
  for (const name of names) expect(name.length * 8.2).toBeLessThan(bars);
  const told = '3  hold-back of threads 3 → 5, batchSize 64 → 32, moduleCacheCapacity 8 → 18';
  expect(names.join(' ').replaceAll('\u00a0', ' ')).toContain(told);
  for (const name of names) expect(name).not.toMatch(/^→|→$/);
});

test('the noise is named inside the picture, however wide its band is', () => {
  const noise = data.noise ?? expect.fail('no noise');
  const loud = { ...data, noise: { ...noise, fullTrial: { ...noise.fullTrial, floor: 40 } } };
  const svg = /<svg class="narrow"[\s\S]*?<\/svg>/.exec(effectsPicture(loud)?.text ?? '')?.[0] ?? '';
  const [, x, anchor] = /<text x="([\d.]+)"[^>]*text-anchor="(\w+)">noise/.exec(svg) ?? expect.fail('not named');
  expect(anchor).toBe('end');
  expect(Number(x)).toBeLessThanOrEqual(350);
});

test('percentiles end where too few calls lie beyond', () => {
  const { start } = data.latency;
  const last = start?.percentiles.at(-1) ?? expect.fail('no latency');
  expect((1 - last.p) * (start?.calls ?? 0)).toBeGreaterThanOrEqual(9.99);
  expect(wide(percentilesPicture(data))).toContain('SLO 250 ms');
});

test('latency before and after comes from the judged windows of the committed trials', () => {
  const first = trialOf(data, 2);
  const judged = first.calls.baseline;
  expect(data.latency.start?.calls).toBeLessThanOrEqual(judged);
  expect(data.latency.start?.percentiles.find((one) => one.p === 0.5)?.ms).toBeGreaterThan(10);
  expect(data.latency.chosen?.percentiles.find((one) => one.p === 0.5)?.ms).toBeLessThan(5);
});

test('stages show the share of each stage, and fall away where nothing was sampled', () => {
  const svg = wide(stagesPicture(data));
  expect(svg).toContain('queue 86 %');
  expect(stagesPicture({ ...data, stages: { start: null, chosen: null } })).toBeNull();
});

test('a trial whose windows are no longer kept is told without its picture', () => {
  const entries = richStory().filter((one) => one.kind !== 'event' || one.event.kind !== 'measured');
  const { html, data: kept } = report(memoryLedger(entries));
  expect(kept.verdict.kind).toBe('change');
  expect(html).toContain('The windows of this trial are not kept any more.');
});

for (const [how, open] of [
  ['null, as JSON has it', null],
  ['a factor of a million', 1e6],
] as const) {
  test(`an end that bounds nothing (${how}) is said in words and drawn to the edge`, () => {
    const session = new SampleSession()
      .baseline()
      .trial({
        to: { batchSize: 2 },
        gain: 0.1,
        pairs: 3,
        verdict: 'inconclusive',
        trigger: 'futile',
        decision: 'revert',
      })
      .stop();
    const entries = JSON.parse(JSON.stringify(session.entries), (key, value) =>
      key !== 'effect' ? value : { ...value, low: open === null ? null : 1 / open - 1, high: open },
    );
    const { html, markdown, data } = report(memoryLedger(entries));
    expect(data.trials[0]?.effect).toMatchObject({ low: -1, high: Number.POSITIVE_INFINITY });
    expect(html).not.toMatch(/NaN|null|Infinity|00000000/);
    expect(html).toContain('no bounds');
    expect(markdown).toContain('no bounds');
    expect(html).toContain('; whisker: none, too few pairs to bound the effect)');
    expect(data.points.find((one) => one.source === 'trial')?.whisker).toContain('too few pairs');
  });
}
