import { describe, expect, it } from 'vitest';
import { checkFigures, type Figure, type Target } from '../../bench/figure.ts';
import { judge } from '../../bench/judge.ts';
import { resultOf, type SuiteLength } from '../../bench/suite.ts';
import { leftOutOf, missedOf, tableOf } from '../../bench/table.ts';

const rate = (targets: readonly Target[], changed: Partial<Figure> = {}): Figure => ({
  name: 'tiny.calls-per-s',
  value: 100,
  unit: 'calls/s',
  better: 'higher',
  samples: 12,
  ci95: [90, 110],
  targets,
  ...changed,
});
const states = (figure: Figure) => judge(figure).map((one) => one.state);

describe('a target', () => {
  it('a target is reached only where the end of the interval reaches it, whatever the value does', () => {
    expect(states(rate([{ op: '>=', value: 90 }]))).toEqual(['reached']);
    expect(states(rate([{ op: '>=', value: 91 }]))).toEqual(['missed']);
    expect(states(rate([{ op: '<=', value: 110 }], { better: 'lower' }))).toEqual(['reached']);
    expect(states(rate([{ op: '<=', value: 109 }], { better: 'lower' }))).toEqual(['missed']);
  });

  it('a target on the value is compared with the value itself', () => {
    expect(states(rate([{ op: '>=', value: 100, on: 'value' }]))).toEqual(['reached']);
    expect(states(rate([{ op: '>=', value: 101, on: 'value' }]))).toEqual(['missed']);
  });

  it('a target of a list of peers is one of the best of them, and one of "best" of the best of all', () => {
    const peers = { slow: 10, quick: 50, quickest: 80 };
    expect(states(rate([{ op: '>=', value: 1.5, of: ['slow', 'quick'] }], { peers }))).toEqual(['reached']);
    expect(judge(rate([{ op: '>=', value: 2, of: ['quick', 'slow'] }], { peers }))).toMatchObject([
      { state: 'missed', peer: 'quick', limit: 100, held: 90 },
    ]);
    expect(judge(rate([{ op: '>=', value: 1.5, of: 'best' }], { peers }))).toMatchObject([
      { state: 'missed', peer: 'quickest' },
    ]);
  });

  it('a target of a peer measured side by side is judged on the interval of the ratio, not on that of the value', () => {
    const peers = { piscina: 100 };
    const ratios = { piscina: { value: 1, samples: 12, ci95: [0.98, 1.02] as const } };
    expect(states(rate([{ op: '>=', value: 0.97, of: 'piscina' }], { peers, ratios }))).toEqual(['reached']);
    expect(states(rate([{ op: '>=', value: 0.97, of: 'piscina' }], { peers }))).toEqual(['missed']);
  });

  it.each<[string, Figure, string]>([
    ['without an interval', rate([{ op: '>=', value: 1 }], { ci95: undefined as never }), 'too few samples'],
    ['of a peer that was not measured', rate([{ op: '>=', value: 1, of: 'optuna' }]), 'no optuna in this run'],
    ['of the best of no peers', rate([{ op: '>=', value: 1, of: 'best' }]), 'no best in this run'],
    ['of nothing', rate([{ op: '>=', value: 1, on: 'value' }], { value: Number.NaN }), 'no number'],
  ])('a target %s is unjudged and counts as not reached', (_, figure, reason) => {
    expect(states(figure)).toEqual(['unjudged']);
    expect(missedOf(resultOf('core', { length: 'full', seed: 1 }, [figure]))).toEqual([
      expect.stringContaining(reason),
    ]);
  });
});

describe('a table of figures', () => {
  const table = (length: SuiteLength, figure: Figure) => tableOf(resultOf('core', { length, seed: 1 }, [figure]));

  it('a table of figures says what was missed and by how much, and what was reached', () => {
    const figure = rate([
      { op: '>=', value: 1, of: 'piscina' },
      { op: '>=', value: 50 },
    ]);
    expect(table('full', { ...figure, peers: { piscina: 95 } })).toContain(
      '| ≥ 1 × piscina MISSED at 90; ≥ 50 reached | piscina 95 (ours × 1.05) |',
    );
  });

  it('a table of a quick run judges the value, and calls it indicative', () => {
    const figure = rate([{ op: '>=', value: 95 }]);
    expect(table('quick', figure)).toContain('≥ 95 reached (indicative)');
    expect(table('full', figure)).toContain('≥ 95 MISSED at 90 |');
  });
});

describe('figures', () => {
  it.each<[string, Partial<Figure>]>([
    ['a name that is a sentence', { name: 'calls a second' }],
    ['a name in capitals', { name: 'Tiny.rate' }],
    ['a peer that would be taken for all of them', { peers: { best: 1 } }],
    ['a target that wants the worse', { targets: [{ op: '<=', value: 1 }] }],
    ['a target that is no number', { targets: [{ op: '>=', value: Number.NaN }] }],
  ])('figures with %s are refused', (_, wrong) => {
    expect(() => checkFigures([rate([], wrong)])).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION' }));
  });

  it('figures of one name twice are refused, of two names are taken', () => {
    expect(() => checkFigures([rate([]), rate([])])).toThrow('one no other figure has');
    expect(checkFigures([rate([]), rate([], { name: 'plus_5.found' })])).toHaveLength(2);
  });
});

describe('a run against another commit', () => {
  const reference = {
    name: 'v1',
    commit: 'f'.repeat(40),
    package: { root: '/', names: null },
    [Symbol.dispose]: () => undefined,
  };
  const named = (name: string, changed: Partial<Figure> = {}) => rate([], { name, ...changed });

  it('a run against another commit lists every figure that came without theirs, with the reason where there is one', () => {
    const figures = [
      named('compared'),
      named('ratio.compared'),
      named('beside', { peers: { v1: 3 } }),
      named('failed'),
      named('simulated', { peers: { piscina: 3 } }),
    ];
    const result = resultOf(
      'core',
      { length: 'full', seed: 1, reference },
      figures,
      new Map([['failed', 'no such entry']]),
    );
    expect(result.against).toMatchObject({ ref: 'v1', commit: 'f'.repeat(40) });
    expect(leftOutOf(result)).toEqual([
      'v1 does not give failed: no such entry',
      "v1 does not give simulated: not measured through the package's entries",
    ]);
  });

  it('a run is not passed where the other commit gave nothing to be judged, nor where it has no target', () => {
    const reached = named('ours', { targets: [{ op: '>=', value: 1 }] });
    const missedIn = (figures: readonly Figure[], against = true) =>
      missedOf(resultOf('core', { length: 'full', seed: 1, ...(against && { reference }) }, figures));
    expect(missedIn([reached])).toEqual(['v1 gave none of the figures']);
    expect(missedIn([reached, named('ratio.ours')])).toEqual([]);
    expect(missedIn([named('ours')], false)).toEqual(['no figure of this run has a target: nothing was judged']);
    expect(missedIn([reached], false)).toEqual([]);
  });

  it('a run without another commit says nothing of one', () => {
    const result = resultOf('core', { length: 'full', seed: 1 }, [named('alone')]);
    expect(result).not.toHaveProperty('against');
    expect(leftOutOf(result)).toEqual([]);
  });
});
