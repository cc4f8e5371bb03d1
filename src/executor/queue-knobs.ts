/**
 * The knobs of a dispatch queue, the same for every executor that has one: how many dispatches may be
 * out, how many calls go in one, and how long its first call waits for others. All move live in both
 * directions: dispatches that are out when a limit is lowered finish, and a new one waits until fewer
 * are out than the limit.
 */
import { atOnce, executorSpec, type KnobParts } from './knob.ts';

/** The settings of a queue that its knobs move. */
export interface QueueSettings {
  limit: number;
  size: number;
  lingerMs: number;
}

interface Value {
  readonly value: number;
  /** Where the value comes from. */
  readonly source: string;
  /** @defaultValue the one called as the knob, of the first argument */
  readonly option?: KnobParts['option'];
  /** What that option was given. */
  readonly given?: KnobParts['given'];
}

/** The largest batch the tuner may try, where the user names none. */
export const largestBatch = 1024;
/** Lingers that may be set, ms. */
export const lingerRange = Object.freeze({ min: 0, max: 60_000 });
/** The longest linger the tuner may try, unless a longer one was set. */
const longestLingerMs = 100;

export function concurrencyKnob(
  queue: Pick<QueueSettings, 'limit'>,
  { value, source, option, given, min, max }: Value & { readonly min: number; readonly max: number },
): KnobParts<number> {
  return {
    spec: executorSpec({
      id: 'concurrency',
      unit: 'calls',
      domain: { min, max, scale: 'log', integer: true },
      cost: 'per-unit',
      defaultValue: value,
      source,
    }),
    effective: () => queue.limit,
    move: atOnce((limit) => {
      queue.limit = limit;
    }),
    ...(option && { option }),
    given,
  };
}

export function batchKnobs(
  queue: Pick<QueueSettings, 'size' | 'lingerMs'>,
  size: Value & { readonly max: number },
  lingerMs: Value,
): readonly KnobParts<number>[] {
  return [
    {
      spec: executorSpec({
        id: 'batchSize',
        unit: 'calls',
        domain: { min: 1, max: size.max, scale: 'log', integer: true },
        defaultValue: size.value,
        source: size.source,
      }),
      effective: () => queue.size,
      move: atOnce((value) => {
        queue.size = value;
      }),
      ...(size.option && { option: size.option }),
      given: size.given,
    },
    {
      spec: executorSpec({
        id: 'batchLingerMs',
        unit: 'ms',
        domain: { min: 0, max: Math.max(longestLingerMs, lingerMs.value), scale: 'linear', integer: false },
        defaultValue: lingerMs.value,
        source: lingerMs.source,
      }),
      effective: () => queue.lingerMs,
      move: atOnce((value) => {
        queue.lingerMs = value;
      }),
      ...(lingerMs.option && { option: lingerMs.option }),
      given: lingerMs.given,
    },
  ];
}
