/** What is said of calls that are shorter than the way to a worker, on windows made by hand. */
import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { KnobSpec, Seen, Window } from '../../../src/contracts.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { recommendSettings } from '../../../tuner/predict/recommend.ts';
import { knob, ok, seenWith, took } from './seen.ts';

const threads = knob('threads', { domain: { min: 1, max: 4, scale: 'linear', integer: true } });
const tier = knob('tier', {
  domain: ['worker', 'thread'],
  defaultValue: 'worker',
  moves: { up: 'restart', down: 'restart' },
});
const current = { threads: 2, tier: 'worker' };

interface Use {
  /** Of a call: in its guest, CPU of the worker, CPU of the main thread. */
  readonly workMs: number;
  readonly workerMs?: number;
  readonly sendMs: number;
}

function windowOf({ workMs, workerMs = workMs + 0.002, sendMs }: Use): Window {
  const calls = Math.round(500 / sendMs);
  return emptyWindow({
    settings: current,
    endMs: 500,
    offered: calls,
    outcomes: { ...ok, ok: calls },
    backlogAtStart: 64,
    backlogAtEnd: 64,
    latency: took(0.2, calls),
    wait: took(0.1, calls),
    service: took(0.1, calls),
    work: {
      batches: calls,
      batchedCalls: calls,
      batchMs: calls * 0.1,
      executeMs: calls * workMs,
      busyFraction: 1,
      workerStarts: 0,
    },
    cpuMs: calls * (sendMs + workerMs),
    workerCpuMs: calls * workerMs,
  });
}

const seenOf = (use: Use, knobs: readonly KnobSpec[] = [threads, tier], load: Seen['load'] = 'closed'): Seen =>
  seenWith(
    knobs,
    current,
    Array.from({ length: 8 }, () => windowOf(use)),
    { load },
  );

describe('calls of a microsecond', () => {
  const use: Use = { workMs: 0.001, sendMs: 0.005 };

  it('are recommended to run where they are made, with the number, what it rests on, and what is given up', () => {
    const [one, ...more] = recommendSettings(seenOf(use));
    expect(more).toEqual([]);
    expect(one).toMatchObject({ priority: 'high', settings: { tier: 'thread' } });
    expect(one?.reason).toMatch(
      /about 1\.25 µs a call, in place of 5\.00 µs of the main thread and 8\.00 µs of CPU in all/,
    );
    expect(one?.reason).toMatch(/^where you trust the guests, .* nobody can end one, so that none may have a deadline/);
    expect(one?.evidence).toBe(
      '1.00 µs of work a call in its guest, and 5.00 µs of the main thread to send it, over 800,000 calls in 8 windows',
    );
  });

  it('are recommended so in an open load too, where no throughput is to be had', () => {
    expect(recommendSettings(seenOf(use, undefined, 'open'))).toMatchObject([{ settings: { tier: 'thread' } }]);
  });

  it('get no trial, for no trial can move them', () => {
    const prediction = predict(seenOf(use), () => 0);
    expect('settings' in prediction ? prediction.settings : {}).not.toMatchObject({ tier: 'thread' });
    expect(prediction).not.toMatchObject({ probe: { tier: 'thread' } });
    expect(explain(seenOf(use)).find((one) => one.knob === 'tier')?.reason).toMatch(/takes effect with a restart$/);
  });

  it('are left where they are by executors that cannot run them elsewhere', () => {
    expect(recommendSettings(seenOf(use, [threads]))).toEqual([]);
  });

  it('count by the CPU of their worker where the time in the guest is waiting for one', () => {
    expect(recommendSettings(seenOf({ workMs: 0.01, workerMs: 0.0015, sendMs: 0.005 }))).toHaveLength(1);
  });
});

it.each([
  ['are longer than the way', { workMs: 0.02, sendMs: 0.005 }],
  ['take longer than it takes to send them', { workMs: 0.0018, sendMs: 0.0015 }],
])('calls that %s are not', (_, use) => {
  expect(recommendSettings(seenOf(use))).toEqual([]);
});
