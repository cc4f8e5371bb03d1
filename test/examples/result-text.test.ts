import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../examples/demo/faults.ts';
import { changedText } from '../../examples/demo/knob-list.ts';
import { notShownIn } from '../../examples/demo/not-shown.ts';
import { widthOfPage } from '../../examples/demo/page.ts';
import type { TrialLine } from '../../examples/demo/result.ts';
import { demoResultText } from '../../examples/demo/result-text.ts';
import { goodResult } from './sample-result.ts';

describe('the closing summary', () => {
  const lines = demoResultText(goodResult).split('\n');

  it('the closing summary of the demo is as wide as the terminal at most, and 100 columns where there is none', () => {
    for (const columns of [undefined, 200, 100, 80]) {
      const width = widthOfPage(columns);
      expect(width).toBe(Math.min(100, columns ?? 100));
      for (const line of demoResultText(goodResult, width).split('\n'))
        expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it('where there is no terminal, the page is as wide as $COLUMNS says, if that is a number', () => {
    expect([undefined, '', '80', '300', '0', 'x', '-5'].map((told) => widthOfPage(undefined, told))).toEqual([
      100, 100, 80, 100, 100, 100, 100,
    ]);
    expect(widthOfPage(90, '80')).toBe(90);
  });

  it('the closing summary of the demo has its trials in columns, a knob a line', () => {
    const head = lines.findIndex((line) => line.trimStart().startsWith('#'));
    const table = lines.slice(head, lines.indexOf('', head));
    expect(table).toEqual([
      '  #  change                       predicted  measured       pairs  decision',
      '  2  threads 3 → 2                +310 %     +260 %         9      kept: proven better',
      '     batchSize 1 → 64                        (+200…+300 %)',
      '                                             in all +250 %',
      '  4  moduleCacheCapacity 32 → 23             +1.0 %         30     kept: no difference, and it needs',
      '                                             (−4.0…+6.0 %)         less',
      '  6  batchSize 64 → 1                        not measured   1      reverted: it lost too much, twice',
      '                                                                   in a row',
    ]);
  });

  it('the closing summary of the demo tells the killed process from its own, and where that one stood after its restart', () => {
    expect(lines.map((line) => line.trim()).join(' ')).toContain(
      'another process, with a small sandbox of its own, was killed inside a trial: its next start stood on what it had committed, batchSize 8, not on the configured 1',
    );
  });

  it('the closing summary of the demo sets what was predicted beside what was measured', () => {
    const text = lines.map((line) => line.trim()).join(' ');
    expect(text).toContain(
      'predicted   +310 % (+100…open) of threads 3 → 2, batchSize 1 → 64 before trial 2, measured +260 % (+200…+300 %): inside',
    );
  });

  it('the closing summary of the demo takes its words for noise, reverts and its own cost from the report', () => {
    const text = lines.map((line) => line.trim()).join(' ');
    for (const { value, note } of goodResult.figures) expect(text).toContain(`${value}: ${note}`);
    expect(demoResultText({ ...goodResult, figures: [] })).toContain('own cost    not measured');
  });

  it('the closing summary of the demo compares no setting with itself, and says why nothing was predicted', () => {
    const { start } = goodResult;
    const text = demoResultText({
      ...goodResult,
      chosen: { ...start, goodput: 11_000 },
      predictedNothing: 'measuring the noise took the time',
    });
    expect(text).toContain('predicted   nothing, because measuring the noise took the time');
    expect(text).toContain('chosen      the start: no other setting was kept\n');
    expect(text).toContain(
      'goodput     12,345/s, in the windows of the last sweep, in turns with the best of its grid\n',
    );
    expect(text).not.toContain('11,000');
  });

  it('the closing summary of the demo groups the digits of its counts', () => {
    expect(demoResultText(goodResult)).toContain('offered 2,000,000 = settled 2,000,000 + in flight 0');
  });

  it('the closing summary of the demo says what is not known instead of a figure', () => {
    const text = demoResultText({ ...goodResult, fractionOfBest: null, figures: [] });
    expect(text).toContain('an unknown share of the best of a swept grid');
    expect(text).not.toMatch(/NaN|null|undefined/);
  });
});

it('a change is told of the knobs that were known before it alone', () => {
  expect(changedText({ threads: 1, batchSize: 1 }, { threads: 1, batchSize: 8, batchLingerMs: 0 })).toBe(
    'batchSize 1 → 8',
  );
});

describe('a run of the demo that proved nothing', () => {
  const [predicted, saving, harm] = goodResult.trials as readonly [TrialLine, TrialLine, TrialLine];
  const unproven = {
    decision: 'revert',
    trigger: 'max duration',
    kept: false,
    reason: '20 s were not enough: a loss is proven, but not one beyond −6.0 %',
  } as const;

  it('a run of the demo that showed everything says nothing of what was not shown', () => {
    expect(notShownIn(goodResult)).toEqual([]);
    expect(demoResultText(goodResult)).not.toContain('not shown');
  });

  it('a run of the demo begins its summary with what it did not show, and why', () => {
    const text = demoResultText({
      ...goodResult,
      trials: [
        { ...saving, ...unproven },
        { ...harm, ...unproven },
      ],
      predictedNothing: 'measuring the noise took the time',
      cheaper: { trial: 4, decision: 'revert', trigger: 'max duration' },
      harm: { trial: 6, decision: 'revert', trigger: 'max duration' },
      fractionOfBest: 0.335,
    });
    const said = text
      .slice(0, text.indexOf('\n  chosen'))
      .split('\n')
      .map((line) => line.trim())
      .join(' ');
    expect(said).toContain('not shown   - a prediction put to the test: measuring the noise took the time');
    expect(said).toContain(
      'the cheaper is kept: moduleCacheCapacity 32 → 23 was reverted: no proof in the time allowed (20 s',
    );
    expect(said).toContain('that harm is seen: batchSize 64 → 1 was reverted: no proof in the time allowed (20 s');
    expect(said).toContain('comes near what a sweep by hand finds');
  });

  it.each([
    [
      'a predicted gain that was not proven',
      { trials: [{ ...predicted, ...unproven }, saving, harm] },
      'a predicted gain',
    ],
    [
      'a predicted gain that its hold-back did not see again',
      { trials: [{ ...predicted, kept: false }, saving, harm] },
      'committed, and not held',
    ],
    [
      'harm that was kept',
      {
        trials: [predicted, saving, { ...harm, decision: 'commit', trigger: 'equivalent-and-cheaper', kept: true }],
        harm: { trial: 6, decision: 'commit', trigger: 'equivalent-and-cheaper' },
      },
      'batchSize 64 → 1 was kept: no difference',
    ],
    ['nothing to hurt it with', { harm: null }, 'nothing was left'],
    ['a kill that missed', { crash: { ...goodResult.crash, killedInTrial: false } }, 'too late'],
    ['an unknown share of the best', { fractionOfBest: null }, 'a sweep by hand'],
  ] as const)('a run of the demo says that it did not show %s', (_, changed, words) => {
    expect(notShownIn({ ...goodResult, ...changed })).toEqual([expect.stringContaining(words)]);
  });
});

describe('a run of the demo fails', () => {
  const { crash, digests, calls } = goodResult;

  it('a run of the demo passes where all went well, also with a kill that missed its trial', () => {
    expect(faultsOf(goodResult)).toEqual([]);
    expect(faultsOf({ ...goodResult, crash: { ...crash, killedInTrial: false, onAnchor: false } })).toEqual([]);
  });

  it.each([
    ['a start beside the anchor after the kill', { crash: { ...crash, onAnchor: false } }],
    ['a start that does not know which trial was cut off', { crash: { ...crash, noteNamesTrial: false } }],
    ['a replay that differs', { replayIdentical: false }],
    ['a wrong result', { digests: { ...digests, wrong: 1, first: ['md5 of a.js'] } }],
    ['a call that never settled', { calls: { ...calls, inFlight: 1 } }],
  ])('a run of the demo fails for %s', (_, changed) => {
    expect(faultsOf({ ...goodResult, ...changed })).toHaveLength(1);
  });
});
