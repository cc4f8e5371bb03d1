/**
 * The sandbox's knobs. Each moves live in both directions; a move is one step of routing:
 *
 *   threads              which of the ready workers are given batches (the first K)
 *   batchSize            how many calls the next message carries
 *   batchLingerMs        how long a message may wait to fill
 *   moduleCacheCapacity  up to which LRU rank a kept instance is used
 *
 * Moves of one sandbox run one after the other. A move tells the recorder, so that every sample
 * carries the epoch it was submitted in.
 */
import type { Knob, KnobSpec, NumericRange, Patch } from '../contracts.ts';
import type { DispatchQueue } from '../executor/dispatch-queue.ts';
import { Reservations } from '../executor/reservations.ts';
import { messageOf, SandtuneError } from '../foundation/errors.ts';
import { shown } from '../foundation/options.ts';
import type { Recorder } from '../measure/recorder.ts';
import { type KnobId, knobRanges, type ResolvedSandboxOptions } from './options.ts';
import type { GuestCall } from './run/call.ts';
import { shared } from './run/protocol.ts';
import type { WorkerTier } from './run/worker-tier.ts';

const closed = 'the sandbox is closed';

/** What one knob does. */
interface Mechanism {
  readonly spec: KnobSpec<number>;
  /** Observed, not remembered. */
  effective(): number;
  /**
   * Resolves when effective. Calls `moved` with what is in force from now on, just before routing
   * changes. When it rejects everything is as it was.
   */
  move(value: number, moved: (inForce: number) => void): Promise<void>;
  /** Keeps resources for up to `value` until what it returns is called. When it rejects it keeps nothing. */
  warm(value: number): Promise<() => void>;
}

/** What the knobs move. */
export interface Moved {
  readonly queue: Pick<DispatchQueue<GuestCall>, 'size' | 'lingerMs'>;
  readonly tier: WorkerTier;
  readonly isClosed: () => boolean;
}

/** @param ints the sandbox's shared integers */
export function createKnobs(
  options: ResolvedSandboxOptions,
  { queue, tier, isClosed }: Moved,
  ints: Int32Array,
  recorder: Pick<Recorder, 'changed'>,
): readonly Knob<number>[] {
  const mechanisms = [
    threadsMechanism(options, tier),
    valueMechanism('batchSize', 'calls', 'log', true, options, queue),
    valueMechanism('batchLingerMs', 'ms', 'linear', false, options, queue),
    cacheMechanism(options, tier, ints),
  ];
  const requested: Record<string, number> = Object.fromEntries(
    mechanisms.map(({ spec }) => [spec.id, spec.defaultValue]),
  );
  let last: Promise<void> = Promise.resolve();
  const inTurn = <T>(move: () => Promise<T>): Promise<T> => {
    const done = last.then(move);
    last = done.then(
      () => {},
      () => {},
    );
    return done;
  };
  return mechanisms.map((mechanism): Knob<number> => {
    const { id } = mechanism.spec;
    return {
      ...mechanism.spec,
      read: () => ({ requested: requested[id] as number, effective: mechanism.effective() }),
      apply: async (value) => {
        checkValue(mechanism.spec, value);
        await inTurn(async () => {
          const wanted = `to move to ${value}`;
          if (isClosed()) throw refused(id, wanted, closed);
          const moved = (inForce: number) => {
            requested[id] = inForce;
            recorder.changed({ ...requested });
          };
          await mechanism.move(value, moved).catch((cause) => {
            throw refused(id, wanted, messageOf(cause), cause);
          });
        });
      },
      keepWarm: async (a, b) => {
        checkValue(mechanism.spec, a);
        checkValue(mechanism.spec, b);
        const most = Math.max(a, b);
        const held = await inTurn(async () => {
          const wanted = `to keep up to ${most} warm`;
          if (isClosed()) throw refused(id, wanted, closed);
          return mechanism.warm(most).catch((cause) => {
            throw refused(id, wanted, messageOf(cause), cause);
          });
        });
        let released: Promise<void> | undefined;
        return {
          [Symbol.asyncDispose]: () => {
            released ??= inTurn(async () => held());
            return released;
          },
        };
      },
      patch: (value) => patchOf(mechanism.spec, value),
    };
  });
}

function threadsMechanism(options: ResolvedSandboxOptions, tier: WorkerTier): Mechanism {
  const holds: Reservations = new Reservations(
    () => tier.retarget(holds.atLeast(tier.limit)),
    () => tier.resize(holds.atLeast(tier.limit)),
  );
  const range: NumericRange = { min: 1, max: options.maxThreads, scale: 'linear', integer: true };
  return {
    spec: specOf('threads', 'threads', range, options, 'per-unit'),
    effective: () => tier.effectiveLimit,
    move: async (value, moved) => {
      const before = tier.limit;
      if (value > before) {
        // Workers first, routing after: until they are ready nothing has changed.
        try {
          await tier.resize(holds.atLeast(value));
        } catch (error) {
          tier.retarget(holds.atLeast(before));
          throw error;
        }
      }
      // The window that ends here is measured by the workers it had.
      moved(value);
      const routed = tier.route(value);
      tier.retarget(holds.atLeast(value));
      await routed.catch((error: unknown) => {
        // Only a close gets here; what is said of the sandbox stays true all the same.
        moved(before);
        void tier.route(before).catch(() => {});
        throw error;
      });
    },
    warm: (value) => holds.reserve(value),
  };
}

/** A value the queue reads at its next batch: effective at once, nothing to keep warm. */
function valueMechanism(
  id: 'batchSize' | 'batchLingerMs',
  unit: string,
  scale: 'linear' | 'log',
  integer: boolean,
  options: ResolvedSandboxOptions,
  queue: Moved['queue'],
): Mechanism {
  const setting = id === 'batchSize' ? 'size' : 'lingerMs';
  return {
    spec: specOf(id, unit, { ...knobRanges[id], scale, integer }, options),
    effective: () => queue[setting],
    move: async (value, moved) => {
      moved(value);
      queue[setting] = value;
    },
    warm: async () => () => {},
  };
}

function cacheMechanism(options: ResolvedSandboxOptions, tier: WorkerTier, ints: Int32Array): Mechanism {
  const holds: Reservations = new Reservations(() => hold());
  let confirmed = options.moduleCacheCapacity;
  const range: NumericRange = { ...knobRanges.moduleCacheCapacity, scale: 'log', integer: true };
  const hold = () => void Atomics.store(ints, shared.hold, holds.atLeast(Atomics.load(ints, shared.capacity)));
  const setCapacity = (value: number) => {
    Atomics.store(ints, shared.capacity, value);
    hold();
  };
  return {
    spec: specOf('moduleCacheCapacity', 'modules', range, options, 'per-unit'),
    effective: () => {
      const seen = new Set(tier.inUse.map(({ capacity }) => capacity).filter((capacity) => capacity !== undefined));
      if (seen.size === 1) confirmed = [...seen][0] as number;
      return confirmed;
    },
    move: async (value, moved) => {
      const before = Atomics.load(ints, shared.capacity);
      moved(value);
      setCapacity(value);
      await tier.confirmCapacity().catch((error: unknown) => {
        moved(before);
        setCapacity(before);
        throw error;
      });
    },
    warm: (value) => holds.reserve(value),
  };
}

function specOf(
  id: KnobId,
  unit: string,
  domain: NumericRange,
  options: ResolvedSandboxOptions,
  cost?: 'per-unit',
): KnobSpec<number> {
  return {
    id,
    unit,
    domain,
    interference: 'executor',
    moves: { up: 'live', down: 'live' },
    ...(cost && { cost }),
    defaultValue: options[id],
    source: options.sources[id],
  };
}

function checkValue({ id, domain }: KnobSpec<number>, value: number): void {
  const { min, max, integer } = domain as NumericRange;
  if (typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value))) return;
  throw new SandtuneError(
    'ERR_SANDTUNE_KNOB',
    `${id}: expected ${integer ? 'an integer' : 'a number'} from ${min} to ${max}, got ${shown(value)}`,
  );
}

function refused(id: string, wanted: string, why: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_KNOB', `${id}: expected ${wanted}, got: ${why}`, { cause });
}

function patchOf({ id, defaultValue }: KnobSpec<number>, value: number): Patch {
  return { before: `${id}: ${defaultValue},`, after: `${id}: ${value},` };
}
