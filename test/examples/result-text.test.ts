import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../examples/demo/faults.ts';
import { demoResultText } from '../../examples/demo/result-text.ts';
import { goodResult } from './sample-result.ts';

describe('the closing summary', () => {
  const lines = demoResultText(goodResult).split('\n');

  it('the closing summary of the demo is at most 100 columns wide', () => {
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('the closing summary of the demo has its trials in columns, a knob a line', () => {
    const head = lines.findIndex((line) => line.trimStart().startsWith('#'));
    const table = lines.slice(head, lines.indexOf('', head));
    expect(table).toEqual([
      '  #  change                       predicted  measured      pairs  decision',
      '  2  threads 3 → 2                +310.0 %   +260.0 %      9      commit (better)',
      '     batchSize 1 → 64',
      '  4  moduleCacheCapacity 32 → 23             +1.0 %        30     commit (equivalent-and-cheaper)',
      '  6  batchSize 64 → 1                        not measured  1      revert (load changed)',
    ]);
  });

  it('the closing summary of the demo says where the killed process stood after its restart, and where it was configured to', () => {
    expect(lines.map((line) => line.trim()).join(' ')).toContain('the committed batchSize 8, not on the configured 1');
  });

  it('the closing summary of the demo compares no setting with itself, and says why nothing was predicted', () => {
    const { start } = goodResult;
    const text = demoResultText({
      ...goodResult,
      chosen: { ...start, goodput: 11_000 },
      predictedNothing: 'measuring the noise took the time',
    });
    expect(text).toContain('predicted   nothing, because measuring the noise took the time');
    expect(text).toContain('goodput     12,345/s\n');
    expect(text).not.toContain('11,000');
  });

  it('the closing summary of the demo calls no noise a loss of more than all', () => {
    const text = demoResultText({ ...goodResult, noiseFloor: 1.956 });
    expect(text).toContain('smaller than +195.6 % / −66.2 % is noise here');
  });

  it('the closing summary of the demo groups the digits of its counts', () => {
    expect(demoResultText(goodResult)).toContain('offered 2,000,000 = settled 2,000,000 + in flight 0');
  });

  it('the closing summary of the demo says what is not known instead of a figure', () => {
    const text = demoResultText({ ...goodResult, fractionOfBest: null, noiseFloor: null, measuringOverhead: null });
    expect(text).toContain('an unknown share of the best of a swept grid');
    expect(text).not.toMatch(/NaN|null|undefined/);
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
