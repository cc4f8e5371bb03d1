/**
 * The worker's entry: takes a batch, runs its calls in their guests, answers with their values.
 *
 *   batch ─▶ for each call: instance (kept or cold) ─▶ call ─▶ value or failure
 *            its end, its cold start and its cache rank go to the batch's slot of shared memory
 *
 * piscina needs a default export; this is the one file of ours that has one.
 */
import { workerData } from 'node:worker_threads';
import { systemClock } from '../../foundation/clock.ts';
import { postable } from './cloneable.ts';
import { guestFailure } from './guest-failure.ts';
import type { GuestCallable } from './instance.ts';
import { Instances } from './instances.ts';
import {
  type Failure,
  floats,
  ints,
  notBegun,
  type Slot,
  shared,
  sharedInts,
  skip,
  slotOf,
  ticksOf,
  type WorkerSetup,
} from './protocol.ts';
import type { ServeMessage } from './ring/worker-memory.ts';

/** Batches between two counts of the bytes of the guests' memories, which may grow without a cold start. */
const countBytesEvery = 64;

/** Frames of a stack. The ten of V8's default end within a guest's own handling of a panic. */
Error.stackTraceLimit = 50;

const setup = workerData as WorkerSetup;
const whole = sharedInts(setup.memory);
const slots: Slot[] = [];
const bindings = setup.guests.flatMap(({ binding }) => binding ?? []);
// What brings up bindings is loaded only where there are some: it contains a parser.
const instances = new Instances(
  setup.guests,
  bindings.length > 0 ? await (await import('./bring-up.ts')).createBringUp(bindings) : undefined,
);
let batchesSinceCount = 0;

/** Undefined where an instance was only to be brought up. */
type Functions = readonly GuestCallable[] | undefined;

/** A batch that waited for an instance to be brought up, at the call that goes on. */
interface Paused {
  /** The functions of the instance. @throws what kept it from being brought up */
  readonly take: () => Functions;
  readonly index: number;
  readonly at: number;
  readonly inRun: number;
  readonly argc: number;
  readonly guest: number;
  readonly local: number;
  readonly beganMs: number;
  readonly capacity: number;
  readonly values: unknown[];
  readonly failures: Failure[] | undefined;
  readonly coldStarts: number;
}

export default function runBatch(message: readonly unknown[] | ServeMessage): unknown {
  return 'kind' in message ? serveRing(message) : run(message, undefined);
}

/** From the end of this turn of the event loop on, calls come by the rings, and no more messages. */
async function serveRing(message: ServeMessage): Promise<string> {
  const { RingServer, servesRing } = await import('./ring/ring-server.ts');
  const { functions } = setup;
  const lends = (guest: number) => setup.guests[guest]?.lendsArguments === true;
  const server = new RingServer({ instances, functions, lends, whole, failureOf: ringFailureOf }, message);
  setImmediate(server.turn);
  return servesRing;
}

function ringFailureOf(stage: Failure['stage'], guest: number, value: unknown, beganMs: number): Failure {
  return guestFailure(0, stage, setup.guests[guest], instances.of(guest), value, beganMs);
}

function run(message: readonly unknown[], paused: Paused | undefined): unknown[] | Promise<unknown[]> {
  const slot = slotAt(message[0] as number);
  const count = message[1] as number;
  const capacity = paused ? paused.capacity : Atomics.load(whole, shared.capacity);
  const reserved = Math.max(capacity, Atomics.load(whole, shared.reserved));
  let beganMs = systemClock.now();
  let values: unknown[] = [];
  let failures: Failure[] | undefined;
  let coldStarts = 0;
  let first = 0;
  let at = 2;
  let inRun = 0;
  let argc = 0;
  let guest = 0;
  let local = 0;
  if (paused) {
    ({ values, failures, coldStarts, at, inRun, argc, guest, local, beganMs, index: first } = paused);
  } else {
    instances.evict(reserved);
    slot.floats[floats.receivedMs] = beganMs;
    advance(slot, notBegun, beganMs);
  }
  for (let index = first; index < count; index++) {
    if (!paused) {
      if (inRun === 0) {
        const fn = message[at] as number;
        argc = message[at + 1] as number;
        inRun = message[at + 2] as number;
        at += 3;
        [guest, local] = fn < 0 ? ([-1 - fn, -1] as const) : (setup.functions[fn] as readonly [number, number]);
      }
      inRun--;
    }
    let stage: Failure['stage'] = 'start';
    try {
      const ready = paused
        ? paused.take()
        : local < 0
          ? instances.prepare(guest, capacity, reserved)
          : instances.callables(guest, capacity, reserved);
      if (ready && !isFunctions(ready)) {
        const state = { index, at, inRun, argc, guest, local, beganMs, capacity, values, failures, coldStarts };
        return settled(ready).then((take) => run(message, { ...state, take }));
      }
      if (!ready) {
        values.push(undefined);
      } else if (Atomics.load(slot.ints, ints.skipped + index) !== skip.no) {
        Atomics.store(slot.ints, ints.skipped + index, skip.done);
        values.push(undefined);
      } else {
        const callable = ready[local] as GuestCallable;
        slot.floats[floats.coldStartMs + index] = instances.hit ? Number.NaN : systemClock.now() - beganMs;
        if (!instances.hit) coldStarts++;
        stage = 'execute';
        Atomics.store(slot.ints, ints.entered, 1);
        const value = invoke(callable, message, at, argc);
        stage = 'return';
        values.push(postable(value));
      }
    } catch (thrown) {
      if (stage === 'start') slot.floats[floats.coldStartMs + index] = systemClock.now() - beganMs;
      failures ??= [];
      failures.push(guestFailure(index, stage, setup.guests[guest], instances.of(guest), thrown, beganMs));
      instances.destroy(guest);
      values.push(undefined);
    }
    paused = undefined;
    at += argc;
    slot.ints[ints.ranks + index] = instances.rank;
    beganMs = systemClock.now();
    slot.floats[floats.ended + index] = beganMs;
    advance(slot, index, beganMs);
  }
  if (failures) values.push(failures);
  slot.ints[ints.capacity] = capacity;
  if (coldStarts > 0 || ++batchesSinceCount >= countBytesEvery) {
    batchesSinceCount = 0;
    slot.floats[floats.guestBytes] = instances.guestBytes();
  }
  slot.floats[floats.returnedMs] = systemClock.now();
  return values;
}

/** Cheaper than to ask whether it is a promise. */
function isFunctions(ready: readonly GuestCallable[] | Promise<Functions>): ready is readonly GuestCallable[] {
  return Array.isArray(ready);
}

/** Waits for an instance. @returns gives its functions, or throws what kept it from being brought up */
function settled(ready: Promise<Functions>): Promise<() => Functions> {
  return ready.then(
    (made) => () => made,
    (thrown) => () => {
      throw thrown;
    },
  );
}

/** The call after `from` is next, from `nowMs` on. Never returns when the host has condemned `from`. */
function advance(slot: Slot, from: number, nowMs: number): void {
  Atomics.store(slot.ints, ints.startedTicks, ticksOf(nowMs));
  if (Atomics.compareExchange(slot.ints, ints.running, from, from + 1) === from) {
    // Reset only after the swap, since `entered` must stay 1 for a call that is condemned while it ends.
    Atomics.store(slot.ints, ints.entered, 0);
    return;
  }
  // This worker is about to be ended: do nothing more that anyone could see.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function invoke(callable: GuestCallable, message: readonly unknown[], at: number, argc: number): unknown {
  switch (argc) {
    case 0:
      return callable();
    case 1:
      return callable(message[at]);
    case 2:
      return callable(message[at], message[at + 1]);
    default:
      return callable(...message.slice(at, at + argc));
  }
}

function slotAt(index: number): Slot {
  const known = slots[index];
  if (known) return known;
  const made = slotOf(setup.memory, index);
  slots[index] = made;
  return made;
}
