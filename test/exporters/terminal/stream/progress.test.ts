import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../../exporters/terminal/live/text.ts';
import { type ProgressState, progressLines } from '../../../../exporters/terminal/stream/progress-lines.ts';
import { rateOver, type StreamSample, samplesWith } from '../../../../exporters/terminal/stream/stream-rate.ts';
import { noCounts } from '../../../../src/stream/flow/counts.ts';

const plain = (text: string) => text;

function sample(atMs: number, delivered: number, more: Partial<StreamSample['progress']> = {}): StreamSample {
  return {
    atMs,
    progress: {
      ...noCounts(),
      isUnderWay: true,
      read: delivered,
      delivered,
      bytesIn: 10 * delivered,
      inFlightBytes: 0,
      inFlightRecords: 0,
      callsInFlight: 0,
      isPaused: false,
      stages: [],
      slowest: '',
      ...more,
    },
  };
}

const state: ProgressState = {
  samples: [sample(0, 0), sample(1000, 50_000, { inFlightBytes: 2048, inFlightRecords: 16, checkpoints: 2 })],
  totalBytes: 1_000_000,
  startBytes: 0,
  hasCheckpoints: true,
  isEnding: false,
};

describe('progress of a stream', () => {
  it('shows how much is done, rate, lag with the time it takes, in flight and checkpoints', () => {
    const [bar, ...facts] = progressLines(state, 200, plain);
    expect(bar).toMatch(/^█+.* 50 %$/);
    expect(facts).toEqual([
      '50.0 k records/s · 486 KiB/s · lag 490 KiB (1.01 s) · in flight 2.0 KiB, 16 records · 2 checkpoints',
    ]);
  });

  it('names the stage that is busy most, and how busy', () => {
    const stage = (name: string, busyFraction: number) => ({
      name,
      busyFraction,
      starvedFraction: 1 - busyFraction,
      blockedFraction: 0,
      callsInFlight: 0,
      lanes: 1,
      waiting: 0,
    });
    const stages = [stage('parse', 0.2), stage('render', 0.93)];
    const samples = [sample(0, 0), sample(1000, 10, { stages, slowest: 'render' })];
    expect(progressLines({ ...state, samples }, 200, plain).join()).toContain('slowest render, 93 % busy');
  });

  it('counts what an earlier run has done', () => {
    expect(progressLines({ ...state, startBytes: 250_000 }, 80, plain)[0]).toMatch(/ 75 %$/);
  });

  it('has no bar where nobody knows how much comes, and tells the lag in records', () => {
    const lines = progressLines({ ...state, totalBytes: null, hasCheckpoints: false }, 80, plain);
    expect(lines.join()).toMatch(/^50\.0 k records\/s .* lag 16 records/);
    expect(lines.join()).not.toMatch(/%|checkpoint/);
  });

  it.each([200, 80, 40, 24, 12, 5, 1])('fits into %i columns, with every fact', (width) => {
    const lines = progressLines({ ...state, isEnding: true }, width, plain);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    if (width >= 40) expect(lines.join(' ')).toMatch(/ending.*records\/s.*lag.*in flight.*checkpoints/);
    else expect(lines.length).toBeGreaterThanOrEqual(6);
  });

  it('an empty input is all done, and one that has grown is not more than that', () => {
    expect(progressLines({ ...state, totalBytes: 0 }, 80, plain)[0]).toMatch(/ 100 %$/);
    expect(progressLines({ ...state, totalBytes: 1 }, 80, plain)[0]).toMatch(/ 100 %$/);
  });

  it('the rate is that of the last seconds: a stall shows', () => {
    let samples: readonly StreamSample[] = [];
    for (let s = 0; s <= 30; s++) samples = samplesWith(samples, sample(1000 * s, s < 10 ? 1000 * s : 10_000));
    expect(samples.length).toBeLessThan(9);
    expect(rateOver(samples)).toEqual({ recordsPerS: 0, bytesPerS: 0 });
    expect(rateOver(samples.slice(-1))).toBeNull();
  });
});
