/**
 * The knobs of a sandbox whose calls travel in shared memory (`transport: 'ring'`). Each moves live in both
 * directions, by one assignment that workers and host see before their next call:
 *
 *   spinUs      how long host and workers look for the next call before they sleep
 *   depth       how many calls a worker holds at once
 *   coalesceUs  how long an answer waits for others before it wakes the host
 */
import { atOnce, executorSpec, type KnobParts } from '../executor/knob.ts';
import { knobRanges, type ResolvedSandboxOptions } from './options.ts';
import { shared } from './run/protocol.ts';
import type { WorkerTier } from './run/worker-tier.ts';

/** @param ints the sandbox's shared integers */
export function ringKnobs(
  { spinUs, depth, coalesceUs, sources, given }: ResolvedSandboxOptions,
  { ringSettings }: Pick<WorkerTier, 'ringSettings'>,
  ints: Int32Array,
): readonly KnobParts<number>[] {
  return [
    {
      spec: executorSpec({
        id: 'spinUs',
        unit: 'µs',
        domain: { ...knobRanges.spinUs, scale: 'linear', integer: true },
        defaultValue: spinUs,
        source: sources.spinUs,
      }),
      effective: () => Atomics.load(ints, shared.spinUs),
      move: atOnce((value) => {
        Atomics.store(ints, shared.spinUs, value);
        ringSettings.spinUs = value;
      }),
      option: optionOf('spinUs'),
      given: given.spinUs,
    },
    {
      spec: executorSpec({
        id: 'depth',
        unit: 'calls',
        domain: { ...knobRanges.depth, scale: 'log', integer: true },
        defaultValue: depth,
        source: sources.depth,
      }),
      effective: () => ringSettings.depth,
      move: atOnce((value) => {
        ringSettings.depth = value;
      }),
      option: optionOf('depth'),
      given: given.depth,
    },
    {
      spec: executorSpec({
        id: 'coalesceUs',
        unit: 'µs',
        domain: { ...knobRanges.coalesceUs, scale: 'linear', integer: true },
        defaultValue: coalesceUs,
        source: sources.coalesceUs,
      }),
      effective: () => Atomics.load(ints, shared.coalesceUs),
      move: atOnce((value) => void Atomics.store(ints, shared.coalesceUs, value)),
      option: optionOf('coalesceUs'),
      given: given.coalesceUs,
    },
  ];
}

function optionOf(id: string): NonNullable<KnobParts['option']> {
  return { of: 'createSandbox()', argument: 'first', path: [id] };
}
