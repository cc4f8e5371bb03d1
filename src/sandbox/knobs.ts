/**
 * The sandbox's knobs. Each but the last moves live in both directions; a move is one step of routing:
 *
 *   threads              which of the ready workers are given batches (the first K)
 *   batchSize            how many calls the next message carries
 *   batchLingerMs        how long a message may wait to fill
 *   moduleCacheCapacity  up to which LRU rank a kept instance is used
 *   transport            whether calls travel in messages, or in shared memory
 *   tier                 whether calls run on workers; by another `createSandbox()` alone (tier-knob.ts)
 *
 * Where a sandbox begins in shared memory there are no messages, and in place of their knobs those of ring-knobs.ts;
 * only with `transport: 'either'` are its workers such that calls can change the way they travel.
 * Where a guest keeps state, the workers and their instances stay as they are.
 */
import { executorSpec, givenText, type KnobParts } from '../executor/knob.ts';
import { batchKnobs, type QueueSettings } from '../executor/queue-knobs.ts';
import { Reservations } from '../executor/reservations.ts';
import { knobRanges, type ResolvedSandboxOptions, type TransportOption } from './options.ts';
import { ringKnobs } from './ring-knobs.ts';
import type { TransportName } from './run/either-transport.ts';
import { shared } from './run/protocol.ts';
import type { WorkerTier } from './run/worker-tier.ts';
import { tierKnobs } from './tier-knob.ts';

/** @param ints the sandbox's shared integers */
export function sandboxKnobs(
  options: ResolvedSandboxOptions,
  queue: Pick<QueueSettings, 'size' | 'lingerMs'>,
  tier: WorkerTier,
  ints: Int32Array,
): readonly KnobParts[] {
  const { batchSize, batchLingerMs, sources, given, transport } = options;
  const batches = new Batches(queue, batchSize, batchLingerMs);
  const batch = batchKnobs(
    batches,
    {
      value: batchSize,
      max: knobRanges.batchSize.max,
      source: sources.batchSize,
      option: optionOf('batchSize'),
      given: given.batchSize,
    },
    {
      value: batchLingerMs,
      source: sources.batchLingerMs,
      option: optionOf('batchLingerMs'),
      given: given.batchLingerMs,
    },
  );
  const ways: Record<TransportOption, () => readonly KnobParts[]> = {
    message: () => batch,
    either: () => [...batch.map(ofMessages), transportKnob(options, tier, batches)],
    ring: () => ringKnobs(options, tier, ints),
  };
  const calls = ways[transport]();
  // What an instance keeps would be lost with it.
  if (options.guests.some(({ state }) => state !== 'none')) return calls;
  return [threadsKnob(options, tier), ...calls, cacheKnob(options, tier, ints), ...tierKnobs(options)];
}

/** In shared memory each call travels by itself. */
function ofMessages({ spec, ...knob }: KnobParts<number>): KnobParts<number> {
  return { ...knob, spec: { ...spec, actsUnder: { transport: 'message' satisfies TransportName } } };
}

/** Settings of batches, which are in force while calls travel in messages. */
class Batches {
  readonly #queue: Pick<QueueSettings, 'size' | 'lingerMs'>;
  #size: number;
  #lingerMs: number;
  #isInForce = true;

  constructor(queue: Pick<QueueSettings, 'size' | 'lingerMs'>, size: number, lingerMs: number) {
    this.#queue = queue;
    this.#size = size;
    this.#lingerMs = lingerMs;
  }

  get size(): number {
    return this.#size;
  }

  set size(value: number) {
    this.#size = value;
    if (this.#isInForce) this.#queue.size = value;
  }

  get lingerMs(): number {
    return this.#lingerMs;
  }

  set lingerMs(value: number) {
    this.#lingerMs = value;
    if (this.#isInForce) this.#queue.lingerMs = value;
  }

  inForce(is: boolean): void {
    this.#isInForce = is;
    this.#queue.size = is ? this.#size : 1;
    this.#queue.lingerMs = is ? this.#lingerMs : 0;
  }
}

function transportKnob(
  { sources, given }: ResolvedSandboxOptions,
  tier: WorkerTier,
  batches: Batches,
): KnobParts<TransportName> {
  const saysBatches = given.batchSize !== undefined || given.batchLingerMs !== undefined;
  const travelBy = (name: TransportName) => {
    batches.inForce(name === 'message');
    return tier.travelBy(name);
  };
  return {
    spec: executorSpec<TransportName>({
      id: 'transport',
      domain: ['message', 'ring'],
      defaultValue: 'message',
      source: sources.transport,
    }),
    effective: () => tier.transport,
    move: async (name, inForce) => {
      const before = tier.transport;
      inForce(name);
      await travelBy(name).catch((error: unknown) => {
        void travelBy(before).catch(() => {});
        throw error;
      });
    },
    option: optionOf('transport'),
    given: given.transport,
    // What is beside it is refused there, and an edit of one option cannot take others out.
    ...(saysBatches && {
      patch: (name) => ({
        before: givenText(optionOf('transport'), given.transport),
        after: `transport: '${name}',${name === 'ring' ? '   // in place of batchSize and batchLingerMs' : ''}`,
      }),
    }),
  };
}

function threadsKnob(
  { threads, maxThreads, sources, given }: ResolvedSandboxOptions,
  tier: WorkerTier,
): KnobParts<number> {
  const provide = () => tier.resize(reserved.atLeast(tier.limit));
  const reserved: Reservations = new Reservations(provide, (count) => tier.ready(count));
  return {
    spec: executorSpec({
      id: 'threads',
      unit: 'threads',
      domain: { min: 1, max: maxThreads, scale: 'linear', integer: true },
      cost: 'per-unit',
      defaultValue: threads,
      source: sources.threads,
    }),
    effective: () => tier.effectiveLimit,
    move: async (value, inForce) => {
      const before = tier.limit;
      // Calls are routed to new workers only once these are ready; until then nothing has changed.
      const release = value > before ? await reserved.reserve(value) : undefined;
      // The window that ends here is measured by the workers it had.
      inForce(value);
      const routed = tier.route(value);
      release?.();
      provide();
      await routed.catch((error: unknown) => {
        // Only close() makes routing fail. The old limit is set again, so that read() tells what is in force.
        void tier.route(before).catch(() => {});
        throw error;
      });
    },
    warm: (a, b) => reserved.reserve(Math.max(a, b)),
    option: optionOf('threads'),
    given: given.threads,
  };
}

function cacheKnob(
  { moduleCacheCapacity, sources, given }: ResolvedSandboxOptions,
  tier: WorkerTier,
  ints: Int32Array,
): KnobParts<number> {
  const publish = () =>
    void Atomics.store(ints, shared.reserved, reserved.atLeast(Atomics.load(ints, shared.capacity)));
  const reserved: Reservations = new Reservations(publish);
  const setCapacity = (value: number) => {
    Atomics.store(ints, shared.capacity, value);
    publish();
  };
  let confirmed = moduleCacheCapacity;
  return {
    spec: executorSpec({
      id: 'moduleCacheCapacity',
      unit: 'modules',
      domain: { ...knobRanges.moduleCacheCapacity, scale: 'log', integer: true },
      cost: 'per-unit',
      defaultValue: moduleCacheCapacity,
      source: sources.moduleCacheCapacity,
    }),
    effective: () => {
      const seen = new Set(tier.inUse.map(({ capacity }) => capacity).filter((capacity) => capacity !== undefined));
      if (seen.size === 1) confirmed = [...seen][0] as number;
      return confirmed;
    },
    move: async (value, inForce) => {
      const before = Atomics.load(ints, shared.capacity);
      inForce(value);
      setCapacity(value);
      await tier.confirmCapacity().catch((error: unknown) => {
        setCapacity(before);
        throw error;
      });
    },
    warm: (a, b) => reserved.reserve(Math.max(a, b)),
    option: optionOf('moduleCacheCapacity'),
    given: given.moduleCacheCapacity,
  };
}

function optionOf(id: string): NonNullable<KnobParts['option']> {
  return { of: 'createSandbox()', argument: 'first', path: [id] };
}
