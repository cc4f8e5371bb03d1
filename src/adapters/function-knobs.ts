/** The knobs of a wrapped function: a gate's limit, a batcher's size and linger. All live both ways. */
import type { Knob, KnobSpec, Patch } from '../contracts.ts';
import { type KnobOwner, numberKnob } from './number-knob.ts';
import type { ResolvedBatch, ResolvedBounds, ResolvedWrapFunctionOptions } from './wrap-options.ts';

/** The settings of a DispatchQueue. */
export interface QueueSettings {
  limit: number;
  size: number;
  lingerMs: number;
}

const live = { up: 'live', down: 'live' } as const;

export function functionKnobs(
  queue: QueueSettings,
  options: ResolvedWrapFunctionOptions,
  owner: KnobOwner,
): readonly Knob[] {
  const { concurrency, batch } = options;
  return [
    ...(concurrency ? [concurrencyKnob(queue, concurrency, owner)] : []),
    ...(batch ? batchKnobs(queue, batch, owner) : []),
  ];
}

/** A gate of ours: going down, what is already out finishes, and nothing new goes out until it has. */
export function concurrencyKnob(queue: Pick<QueueSettings, 'limit'>, bounds: ResolvedBounds, owner: KnobOwner): Knob {
  const spec: KnobSpec<number> = {
    id: 'concurrency',
    unit: 'calls',
    domain: { min: bounds.min, max: bounds.max, scale: 'log', integer: true },
    interference: 'executor',
    moves: live,
    cost: 'per-unit',
    defaultValue: bounds.value,
    source: 'wrap({ concurrency })',
  };
  return numberKnob(
    {
      spec,
      read: () => queue.limit,
      set: (value) => {
        queue.limit = value;
      },
      patch: (value) => change('concurrency', bounds.value, value),
    },
    owner,
  );
}

function batchKnobs(queue: QueueSettings, batch: ResolvedBatch, owner: KnobOwner): readonly Knob[] {
  const size = numberKnob(
    {
      spec: {
        id: 'batchSize',
        unit: 'calls',
        domain: { min: 1, max: batch.max, scale: 'log', integer: true },
        interference: 'executor',
        moves: live,
        defaultValue: batch.size,
        source: 'wrap({ batch: { size } })',
      },
      read: () => queue.size,
      set: (value) => {
        queue.size = value;
      },
      patch: (value) => change('batch.size', batch.size, value),
    },
    owner,
  );
  const linger = numberKnob(
    {
      spec: {
        id: 'batchLingerMs',
        unit: 'ms',
        domain: { min: 0, max: Math.max(50, batch.lingerMs), scale: 'linear', integer: false },
        interference: 'executor',
        moves: live,
        defaultValue: batch.lingerMs,
        source: 'wrap({ batch: { lingerMs } })',
      },
      read: () => queue.lingerMs,
      set: (value) => {
        queue.lingerMs = value;
      },
      patch: (value) => change('batch.lingerMs', batch.lingerMs, value),
    },
    owner,
  );
  return [size, linger];
}

/** One line of an options object. */
export function change(option: string, before: number, after: number): Patch {
  return { before: `${option}: ${before}`, after: `${option}: ${after}` };
}
