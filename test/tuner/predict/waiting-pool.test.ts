/** A pool whose calls mostly wait, on CPUs that others use as well. */
import { expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Seen, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { knob, ok, seenWith, took } from './seen.ts';

const threadsKnob = knob('threads', {
  unit: 'threads',
  cost: 'per-unit',
  domain: { min: 1, max: 16, scale: 'linear', integer: true },
});

interface Use {
  readonly threads: number;
  /** Each of 200 calls a second: CPU, and time for which it has a worker. */
  readonly cpuMs: number;
  readonly heldMs: number;
  /** Of that, what the workers tell of as waiting of their own; absent where they do not tell. */
  readonly ownWaitMs?: number;
  readonly latencyMs: number;
}

/** Others use all the CPU time that the pool does not. */
function windowOf({ threads, cpuMs, heldMs, ownWaitMs, latencyMs }: Use): Window {
  return emptyWindow({
    settings: { threads },
    endMs: 5000,
    offered: 1000,
    outcomes: ok,
    latency: took(latencyMs),
    wait: took(Math.max(0.1, latencyMs - heldMs)),
    service: took(heldMs),
    work: {
      batches: 1000,
      batchedCalls: 1000,
      batchMs: 1000 * heldMs,
      executeMs: 1000 * heldMs,
      busyFraction: Math.min(1, (1000 * heldMs) / (threads * 5000)),
      workerStarts: 0,
    },
    cpuMs: 1000 * (cpuMs + 0.1),
    workerCpuMs: 1000 * cpuMs,
    idleCpuMs: 0,
    ...(ownWaitMs !== undefined && { ownWaitMs: 1000 * ownWaitMs }),
  });
}

function seenAt(use: Use, limitMs = 50): Seen {
  return seenWith(
    [threadsKnob],
    { threads: use.threads },
    Array.from({ length: 8 }, () => windowOf(use)),
    {
      load: 'open',
      goal: {
        objective: { metric: 'mean', direction: 'minimize' },
        guardrails: [{ kind: 'absolute', metric: 'p99', limit: limitMs, text: `p99 < ${limitMs}ms` }],
      },
    },
  );
}

const answerTo = (...asked: Parameters<typeof seenAt>) => predict(seenAt(...asked), randomStream(1));
const threadsIn = (answer: ReturnType<typeof answerTo>) =>
  Number('gain' in answer ? answer.settings['threads'] : 'probe' in answer ? answer.probe['threads'] : Number.NaN);
const reasonOf = (use: Use) => explain(seenAt(use)).find((view) => view.model === 'threads')?.reason;

const waits = { threads: 2, cpuMs: 1, heldMs: 9.5, latencyMs: 400 };

it('more threads are tried for calls whose workers tell that they wait for others, though no CPU idles', () => {
  expect(threadsIn(answerTo({ ...waits, ownWaitMs: 8 }))).toBeGreaterThan(2);
  expect(reasonOf({ ...waits, ownWaitMs: 8 })).toMatch(/waits 8 ms per ms of CPU/);
});

it('no more threads are proposed for calls whose workers tell that they are kept from a CPU', () => {
  expect(threadsIn(answerTo({ ...waits, ownWaitMs: 0.1 }))).not.toBeGreaterThan(2);
});

it('where workers do not tell, waiting and starving are said to be not told apart, with both bounds', () => {
  expect(reasonOf(waits)).toMatch(
    /cannot be told apart here, so between fewer than one and [\d.]+ threads can be used/,
  );
});

it('fewer threads are not proposed while a limit on latency is broken, and are where it holds', () => {
  const many = { threads: 8, cpuMs: 0.5, heldMs: 0.6, ownWaitMs: 0.05, latencyMs: 0.7 };
  expect(answerTo(many, 200)).toMatchObject({ model: 'threads-cheaper' });
  expect(answerTo(many, 0.3)).not.toMatchObject({ model: 'threads-cheaper' });
});

it('CPUs are told as used wholly and threads as fewer than one, where others leave less than one CPU', () => {
  const starved = reasonOf({ threads: 2, cpuMs: 1, heldMs: 9.5, ownWaitMs: 0, latencyMs: 400 });
  expect(starved).toMatch(/; in use are all of the 0\.\d+ of 2 CPUs that others leave and \d+ % of the main thread; /);
  expect(starved).toContain('so fewer than one thread can be used');
  expect(starved).not.toMatch(/1\d\d %/);
});
