/** The model of the calls that a thread has at once, on windows made by hand. */
import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Seen, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import type { View } from '../../../tuner/predict/model.ts';
import { predict, viewsOf } from '../../../tuner/predict/predict.ts';
import { knob, ok, seenWith, took } from './seen.ts';

const knobs = [
  knob('threads', { unit: 'threads', cost: 'per-unit', domain: { min: 1, max: 16, scale: 'linear', integer: true } }),
  knob('callsPerThread', { unit: 'calls', domain: { min: 1, max: 16, scale: 'log', integer: true } }),
];

interface Use {
  readonly calls?: number;
  /** Of a call: CPU, and time for which its thread had calls and ran none. */
  readonly cpuMs: number;
  readonly idleMs: number;
  /** The threads tell that they waited for so much of that; absent: they do not tell. */
  readonly ownWaitMs?: number;
  readonly idleCpuMs?: number;
  readonly open?: boolean;
}

/** Two threads, always busy, with 64 calls in flight; on four CPUs that idle as said. */
function windowOf({ calls = 1, cpuMs, idleMs, ownWaitMs, idleCpuMs = 15_000, open = false }: Use): Window {
  const endMs = 5000;
  const done = (2 * endMs) / (cpuMs + idleMs);
  const heldMs = calls * (cpuMs + idleMs);
  const counts = Math.round(done);
  return emptyWindow({
    settings: { threads: 2, callsPerThread: calls },
    endMs,
    offered: counts,
    outcomes: { ...ok, ok: counts },
    backlogAtStart: 64,
    backlogAtEnd: 64,
    latency: took(open ? 1.01 * heldMs : (64 / done) * endMs, counts),
    wait: took(open ? 0.01 * heldMs : (64 / done) * endMs - heldMs, counts),
    service: took(heldMs, counts),
    work: {
      batches: counts,
      batchedCalls: counts,
      batchMs: counts * heldMs,
      executeMs: counts * heldMs,
      busyFraction: open ? 0.3 : 1,
      workerStarts: 0,
    },
    cpuMs: counts * (cpuMs + 0.05),
    workerCpuMs: counts * cpuMs,
    idleCpuMs,
    ...(ownWaitMs !== undefined && { ownWaitMs: counts * ownWaitMs }),
  });
}

function seenAt(use: Use): Seen {
  const current = { threads: 2, callsPerThread: use.calls ?? 1 };
  const load = use.open ? 'open' : 'closed';
  return seenWith(
    knobs,
    current,
    Array.from({ length: 8 }, () => windowOf(use)),
    { load, cores: 4 },
  );
}

const viewOf = (use: Use) =>
  [viewsOf(seenAt(use))].flat().find((view) => typeof view !== 'string' && view.model === 'calls-per-thread') as
    | View
    | undefined;

const waiting: Use = { cpuMs: 0.5, idleMs: 8, ownWaitMs: 8 };

describe('threads that tell of waiting', () => {
  it('are given several calls each, as far as these keep them busy', () => {
    expect(viewOf(waiting)).toMatchObject({ identifiable: true });
    expect(viewOf(waiting)?.reason).toMatch(
      /waits 8 ms for its own work and runs for 0.5 ms, so that about 17 calls keep/,
    );
  });

  it('are given several calls each rather than joined by more of them that would do as much and cost memory', () => {
    const { windows, ...seen } = seenAt({ cpuMs: 0.3, idleMs: 8, ownWaitMs: 8 });
    const few = knob('callsPerThread', { unit: 'calls', domain: { min: 1, max: 8, scale: 'log', integer: true } });
    const answer = predict({ ...seen, windows, knobs: [...seen.knobs.slice(0, 1), few] }, randomStream(1));
    expect(answer).toMatchObject({ model: 'calls-per-thread', settings: { threads: 2, callsPerThread: 8 } });
  });

  it('are given more where they have several that still leave them idle, and no more where they are busy', () => {
    expect(viewOf({ ...waiting, calls: 4, idleMs: 1.6, ownWaitMs: 1.6 })?.reason).toMatch(/about 16.8 calls/);
    expect(viewOf({ ...waiting, calls: 16, idleMs: 0.02, ownWaitMs: 0.02 })?.proposal).toBeUndefined();
  });

  it('are given no more where what they waited for was a CPU', () => {
    const starved = viewOf({ cpuMs: 0.5, idleMs: 8, ownWaitMs: 0.01, idleCpuMs: 0 });
    expect(starved?.proposal ?? starved?.probe).toBeUndefined();
  });

  it('are given no more while calls do not wait for threads', () => {
    const view = viewOf({ ...waiting, open: true });
    expect(view?.proposal ?? view?.probe).toBeUndefined();
    expect(view?.reason).toMatch(/calls do not wait for threads/);
  });
});

describe('threads that do not tell', () => {
  it('are taken to wait for their own work where CPUs idle', () => {
    expect(viewOf({ cpuMs: 0.5, idleMs: 8 })?.proposal?.settings).toMatchObject({ callsPerThread: 16 });
  });

  it('are said not to tell where others use much of the CPUs, and promise less', () => {
    const use = { cpuMs: 0.5, idleMs: 1.5, idleCpuMs: 1000 };
    expect(viewOf(use)?.reason).toMatch(/cannot be told apart here, so that between .* keep it busy/);
    const lowOf = (view: View | undefined) => view?.curve.find(({ value }) => value === 4)?.gain.low ?? Number.NaN;
    expect(lowOf(viewOf(use))).toBeLessThan(lowOf(viewOf({ ...use, ownWaitMs: 1.5 })));
  });
});

it('calls that hold their threads for the way there and back are left to the search', () => {
  expect(viewOf({ cpuMs: 0.01, idleMs: 0.06 })).toBeUndefined();
});
