import type { ClaimKind, FigureData } from 'sandtune/exporters';
import type { DemoResult } from '../../examples/demo/result.ts';

const start = { threads: 3, batchSize: 1, batchLingerMs: 0, transport: 'message', moduleCacheCapacity: 32 };
const chosen = { ...start, threads: 2, batchSize: 64, moduleCacheCapacity: 23 };
const anchor = { ...start, batchSize: 8, threads: 1 };

function figure(kind: ClaimKind, value: string, note: string): FigureData {
  return { kind, name: kind, value, note, text: `${kind}: ${value} (${note})`, values: {}, entries: [1] };
}

/** A run in which all went well. */
export const goodResult: DemoResult = {
  schemaVersion: 1,
  seed: 5,
  profile: 'demo',
  start: { settings: start, goodput: 12_345 },
  chosen: { settings: chosen, goodput: 45_678 },
  bestOfGrid: { settings: { ...chosen, batchSize: 128 }, goodput: 46_000 },
  fractionOfBest: 0.993,
  gain: { estimate: 2.7, low: 2.4, high: 3, level: 0.95 },
  figures: [
    figure(
      'noise',
      '±8.0 %',
      'the least that a full trial of 110 pairs tells; by the spread of 12 pairs of one setting against itself, which alone tell less',
    ),
    figure('reverted', '1 setting', '2,345 calls ran under it, 0.12 % of all; 1 stopped by a breaker'),
    figure('cost', 'none seen', 'at most 5.0 % of throughput, 8 pairs'),
  ],
  noiseFloor: 0.08,
  ways: [
    { transport: 'ring', settings: { ...start, transport: 'ring' }, multiple: 2.4, perSecond: 29_000, windows: 3 },
    { transport: 'message', settings: { ...start, batchSize: 64 }, multiple: 3.1, perSecond: 38_000, windows: 3 },
  ],
  predictedNothing: null,
  trials: [
    {
      id: 2,
      from: start,
      settings: { ...chosen, moduleCacheCapacity: 32 },
      predicted: { estimate: 3.1, low: 1, high: null },
      verdict: 'better',
      decision: 'commit',
      trigger: 'better',
      pairs: 9,
      eValue: 4000,
      effect: { estimate: 2.6, low: 2, high: 3 },
      allCalls: 2.5,
      reason: 'better is proven',
      kept: true,
      covered: true,
    },
    {
      id: 4,
      from: { ...chosen, moduleCacheCapacity: 32 },
      settings: chosen,
      predicted: null,
      verdict: 'equivalent',
      decision: 'commit',
      trigger: 'equivalent-and-cheaper',
      pairs: 30,
      eValue: 200,
      effect: { estimate: 0.01, low: -0.04, high: 0.06 },
      allCalls: null,
      reason: 'not worse than −6.0 % is proven, and the candidate is cheaper',
      kept: true,
      covered: null,
    },
    {
      id: 6,
      from: chosen,
      settings: { ...chosen, batchSize: 1 },
      predicted: null,
      verdict: null,
      decision: 'revert',
      trigger: 'breaker: drop',
      pairs: 1,
      eValue: null,
      effect: null,
      allCalls: null,
      reason: 'candidate windows in a row: −90 %, then −91 %',
      kept: false,
      covered: null,
    },
  ],
  reverts: 1,
  callsAffectedByReverts: 2_345,
  measuringOverhead: { estimate: 0.02, low: -0.01, high: 0.05, level: 0.95 },
  replayIdentical: true,
  digests: { checked: 4000, wrong: 0, first: [] },
  cheaper: { trial: 4, decision: 'commit', trigger: 'equivalent-and-cheaper' },
  harm: { trial: 6, decision: 'revert', trigger: 'breaker: drop' },
  crash: {
    killedInTrial: true,
    lastArm: 'candidate',
    candidate: { ...anchor, threads: 2 },
    configured: { threads: 1, batchSize: 1 },
    anchorBefore: anchor,
    standsOn: anchor,
    onAnchor: true,
    noteNamesTrial: true,
    note: 'the session before this one ended inside trial 1',
  },
  calls: {
    offered: 2_000_000,
    ok: 2_000_000,
    trap: 0,
    timeout: 0,
    cancelled: 0,
    rejected: 0,
    shed: 0,
    lost: 0,
    inFlight: 0,
  },
  report: {
    html: '.sandtune/demo/2026-11-21T04-00-00-5/report.html',
    markdown: '.sandtune/demo/2026-11-21T04-00-00-5/report.md',
    json: '.sandtune/demo/2026-11-21T04-00-00-5/report.json',
  },
};
