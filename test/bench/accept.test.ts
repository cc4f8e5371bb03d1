import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { demoRows } from '../../bench/accept/demo.ts';
import type { DemoRun } from '../../bench/accept/demo-process.ts';
import { type HarmfulKind, planOf } from '../../bench/accept/harm.ts';
import { type Played, rowOf } from '../../bench/accept/lease.ts';
import { nullRows } from '../../bench/accept/null.ts';
import { isAccepted, isPassed, type PartResult, tableOf } from '../../bench/accept/results.ts';
import type { Row } from '../../bench/accept/rows.ts';
import { type Kept, rowOf as rowOfPromise } from '../../bench/accept/wrap.ts';
import type { DemoResult } from '../../examples/demo/result.ts';
import { goodResult } from '../examples/sample-result.ts';

const failed = (rows: readonly Row[]) => rows.filter((row) => row.passed === false).map((row) => row.name);
const run = (changed: Partial<DemoResult> = {}): DemoRun => ({
  seconds: 100,
  exitCode: 0,
  result: { ...goodResult, ...changed },
  complaint: '',
});
const noResult: DemoRun = { seconds: 3, exitCode: 1, result: null, complaint: 'no room left' };
const runs = (count: number, ...others: DemoRun[]) => [...Array.from({ length: count }, () => run()), ...others];

describe('accept demo', () => {
  it('accept demo allows one miss of twelve, be it a low share or a run without a result', () => {
    expect(failed(demoRows(runs(11, run({ fractionOfBest: 0.5 }))))).toEqual([]);
    expect(failed(demoRows(runs(11, noResult)))).toEqual([]);
    expect(failed(demoRows(runs(10, noResult, run({ fractionOfBest: null }))))).toEqual([
      'runs with fractionOfBest ≥ 0.9',
    ]);
  });

  it('accept demo allows no miss in fewer runs', () => {
    expect(failed(demoRows([run({ fractionOfBest: 0.5 })]))).toEqual(['runs with fractionOfBest ≥ 0.9']);
  });

  it.each<[string, Partial<DemoResult>]>([
    ['a harm that was kept', { harm: { trial: 6, decision: 'commit', trigger: 'better' } }],
    ['a harm that only ran out of pairs', { harm: { trial: 6, decision: 'revert', trigger: 'futile' } }],
    ['a harm that was not tried', { harm: null }],
    ['a start beside the anchor', { crash: { ...goodResult.crash, onAnchor: false } }],
    ['a kill that missed its trial', { crash: { ...goodResult.crash, killedInTrial: false } }],
    ['a wrong result', { digests: { checked: 10, wrong: 1, first: [] } }],
    ['no result checked', { digests: { checked: 0, wrong: 0, first: [] } }],
    ['a replay that differs', { replayIdentical: false }],
  ])('accept demo fails for %s in a single run of twelve', (_, changed) => {
    expect(failed(demoRows(runs(11, run(changed))))).toHaveLength(1);
  });
});

describe('accept null', () => {
  it('accept null fails for a run without a trial', () => {
    const rows = nullRows(
      [
        { trials: 1, commits: [] },
        { trials: 0, commits: [] },
      ],
      2,
    );
    expect(failed(rows)).toEqual(['runs that sealed no trial']);
  });

  it('accept null does not judge commits where there are none', () => {
    expect(nullRows([{ trials: 1, commits: [] }], 1).at(-1)?.passed).toBeNull();
    expect(nullRows([{ trials: 1, commits: [{ high: 0.01 }] }], 1).at(-1)?.passed).toBe(true);
    expect(nullRows([{ trials: 1, commits: [{ high: -0.02 }] }], 1).at(-1)?.passed).toBe(false);
  });
});

describe('accept harm', () => {
  it('accept harm gives two thirds of the proposals to the mildest kinds, which take a proof, and tries every kind', () => {
    const kinds = Array.from({ length: 10 }, (_, index): HarmfulKind => {
      const estimate = -0.9 + 0.08 * index;
      return { settings: { batchSize: index }, gain: { estimate, low: estimate, high: estimate, level: 0.95 } };
    });
    const mild = planOf(kinds, 60).filter(({ gain }) => gain.estimate > -0.35);
    expect(mild.length).toBeGreaterThanOrEqual(40);
    expect(new Set(planOf(kinds, 60)).size).toBe(10);
  });
});

describe('accept lease', () => {
  const story = { name: 'the holder is killed', expected: 'the other tunes', faults: 2 };
  const played: Played = {
    story,
    guardOff: null,
    fired: 2,
    seconds: 9,
    isRight: true,
    came: 'auto',
  };

  it('accept lease passes a story that came out right, and only where all of its faults fired', () => {
    expect(rowOf(played)).toMatchObject({ value: 2, limit: '= 2', passed: true });
    expect(rowOf({ ...played, fired: 1 }).passed).toBe(false);
    expect(rowOf({ ...played, isRight: false }).passed).toBe(false);
  });

  it('accept lease fails a story that comes out right with its guard off, and shows what was skipped without judging it', () => {
    expect(rowOf({ ...played, guardOff: 'lease' }).passed).toBe(false);
    expect(rowOf({ ...played, guardOff: 'lease', isRight: false }).passed).toBe(true);
    expect(rowOf({ ...played, guardOff: 'lease', isRight: false, unplayed: 'failed' }).passed).toBe(false);
    const skipped = rowOf({ ...played, unplayed: 'skipped', fired: 0, isRight: false, came: 'not played: refused' });
    expect(skipped).toMatchObject({ passed: null, limit: 'skipped' });
    expect(skipped.name).toContain('not played: refused');
  });
});

describe('accept wrap', () => {
  const promised = { says: 'no call is lost', of: 'no copy', firesARound: 3, play: async () => {} } as const;
  const kept: Kept = { promised, copy: null, rounds: 2, fired: 6, wrong: [], withheld: null };

  it('accept wrap passes a promise that was put to the test in each round and was never broken', () => {
    expect(rowOfPromise(kept)).toEqual({ name: 'no call is lost', value: 6, limit: '≥ 6', passed: true });
    expect(rowOfPromise({ ...kept, fired: 5 }).passed).toBe(false);
    expect(rowOfPromise({ ...kept, wrong: ['1 was'] })).toMatchObject({ passed: false });
  });

  it('accept wrap judges no promise that wrap() does not make, and shows the reason', () => {
    const row = rowOfPromise({ ...kept, fired: 0, withheld: 'no workers are told of' });
    expect(row).toMatchObject({ passed: null, limit: 'withheld' });
    expect(row.name).toContain('no workers are told of');
  });
});

describe('the acceptance as a whole', () => {
  const part: PartResult = {
    part: 'kill',
    date: '2026-11-21',
    node: 'v26',
    machine: '2 × CPU',
    seconds: 60,
    seed: 1,
    fullSize: true,
    rows: [{ name: 'calls', value: 1, limit: '= 1', passed: true }],
    runs: [],
  };

  it('the acceptance is passed by results at full size, in time, with every judged row passed', () => {
    expect(isAccepted([part], ['kill'])).toBe(true);
    expect(isAccepted([{ ...part, fullSize: false }], ['kill'])).toBe(false);
    expect(isAccepted([{ ...part, seconds: 1801 }], ['kill'])).toBe(false);
    expect(isAccepted([{ ...part, rows: [{ ...part.rows[0], passed: false } as Row] }], ['kill'])).toBe(false);
    expect(isAccepted([part], ['kill', 'crash'])).toBe(false);
  });

  it('a result that took too long fails even if its rows passed', () => {
    expect(isPassed({ ...part, seconds: 1801 })).toBe(false);
  });

  it('the acceptance table shows what was not judged, and a figure that has no value', () => {
    const rows: Row[] = [
      { name: 'median', value: null as unknown as number, limit: null, passed: null },
      { name: 'mistakes', value: 0, limit: '= 0', passed: null },
    ];
    expect(tableOf([{ ...part, rows }])).toContain(
      '| kill | median | none | none |  |\n| kill | mistakes | 0 | = 0 | not judged |',
    );
  });

  it.each([['kill', '--count', '0'], ['kill', '--count', 'many'], ['kill', '--seed', '1.5'], ['nothing-such']])(
    'npm run accept refuses %s %s %s with exit 2',
    async (...args) => {
      const main = fileURLToPath(new URL('../../bench/accept/main.ts', import.meta.url));
      const ended = promisify(execFile)(process.execPath, ['--conditions=sandtune-source', main, ...args]);
      await expect(ended).rejects.toMatchObject({ code: 2, stdout: '' });
    },
  );
});
