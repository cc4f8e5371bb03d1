/** A `Seen` of any knobs, for the tests of single models. */
import { latencies, lognormal } from '../../../bench/worlds/latency.ts';
import type { Distribution, KnobSpec, Seen, Settings, Window } from '../../../src/contracts.ts';

export const ok = { ok: 1000, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 };

export function took(meanMs: number, count = 1000): Distribution {
  return latencies(count, { meanMs, shape: lognormal });
}

export function knob(id: string, parts: Partial<KnobSpec> = {}): KnobSpec {
  return {
    id,
    domain: { min: 1, max: 4096, scale: 'log', integer: true },
    interference: 'executor',
    moves: { up: 'live', down: 'live' },
    defaultValue: 1,
    source: 'test',
    ...parts,
  };
}

export function seenWith(
  knobs: readonly KnobSpec[],
  current: Settings,
  windows: readonly Window[],
  parts: Partial<Seen> = {},
): Seen {
  return {
    windows,
    knobs,
    current,
    goal: { objective: { metric: 'throughput', direction: 'maximize' }, guardrails: [] },
    load: 'closed',
    cores: 2,
    worth: { gain: 0.05, probability: 0.8 },
    ruledOut: [],
    ...parts,
  };
}
