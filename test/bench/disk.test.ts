import { describe, expect, it } from 'vitest';
import type { FailedRun } from '../../bench/accept/disk/failing.ts';
import { type DiskResults, diskRows } from '../../bench/accept/disk/rows.ts';
import type { Round } from '../../bench/accept/disk/stalls.ts';
import type { Row } from '../../bench/accept/rows.ts';

const run: FailedRun = {
  fault: 'a write fails',
  k: 1,
  fired: true,
  run: { exitCode: 0, output: '', complaint: '', injected: 1, mostByThread: 1, byCall: {}, result: null },
  wrong: {},
};
const round: Round = {
  syncMs: 20,
  waiting: false,
  longestMs: { none: 5, 'none again': 6, observe: 20, auto: 24 },
  delayed: 40,
  trials: 3,
  raw: [],
};
const waiting: Round = { ...round, waiting: true, longestMs: { ...round.longestMs, observe: 300 } };
const good: DiskResults = {
  refused: [],
  writes: 250,
  runs: [run, { ...run, k: 2 }],
  controls: [
    { without: 'way back', runs: [{ ...run, wrong: { anchor: 'elsewhere' } }] },
    { without: 'word', runs: [{ ...run, wrong: { told: 'nobody' } }] },
  ],
  rounds: [round, waiting],
};
const failed = (results: Partial<DiskResults>): readonly string[] =>
  diskRows({ ...good, ...results })
    .filter((row: Row) => row.passed === false)
    .map((row) => row.name);

describe('accept disk', () => {
  it('accept disk passes when every fault fired and did no harm, no host stood still, and each want of a guard was seen', () => {
    expect(failed({})).toEqual([]);
  });

  it.each<[string, Partial<DiskResults>]>([
    ['a session of more writes than could fail one by one', { writes: 301 }],
    ['a fault that did not fire', { runs: [run, { ...run, fired: false }] }],
    ['an executor beside its anchor', { runs: [{ ...run, wrong: { anchor: 'elsewhere' } }] }],
    ['entries lost without a word', { runs: [{ ...run, wrong: { told: 'nobody' } }] }],
    ['something nobody caught', { runs: [{ ...run, wrong: { raw: 'unhandled' } }] }],
    ['a control that saw nothing', { controls: [{ without: 'word', runs: [run] }] }],
    ['a host that stood still', { rounds: [{ ...round, longestMs: { ...round.longestMs, auto: 26 } }, waiting] }],
    ['a host without a result', { rounds: [{ ...round, longestMs: { ...round.longestMs, observe: Number.NaN } }] }],
    ['hosts whose syncs were not slow', { rounds: [{ ...round, delayed: 9 }, waiting] }],
    ['hosts that tuned nothing', { rounds: [{ ...round, trials: 0 }, waiting] }],
    [
      'a writer on the host’s thread that stalled nobody',
      { rounds: [round, { ...waiting, longestMs: round.longestMs }] },
    ],
  ])('fails for %s', (_, results) => {
    expect(failed(results)).toHaveLength(1);
  });

  it('accept disk takes the longest stall of all rounds on either side, so that one disturbed host is no stall of sandtune’s', () => {
    const disturbed = { ...round, longestMs: { none: 90, 'none again': 5, observe: 95, auto: 4 } };
    const rows = diskRows({ ...good, rounds: [round, disturbed, waiting] });
    expect(rows.find((row) => row.name.includes('longest stall in observe, less'))).toMatchObject({
      value: 5,
      passed: true,
    });
  });

  it('accept disk says what could not be run and why, and judges nothing in its place', () => {
    const rows = diskRows({
      refused: [{ what: 'a full disk', reason: 'mount is refused' }],
      writes: null,
      runs: [],
      controls: [],
      rounds: [],
    });
    expect(rows).toEqual([
      {
        name: 'SKIPPED a full disk: mount is refused',
        value: 0,
        limit: 'run',
        passed: process.env['SANDTUNE_REQUIRE_ALL'] === '1' ? false : null,
      },
    ]);
  });
});
