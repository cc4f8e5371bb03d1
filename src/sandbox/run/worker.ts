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
import { isBindingFault } from './binding-fault.ts';
import { loadBindings } from './bindings.ts';
import { postable } from './cloneable.ts';
import { type GuestCallable, Instances } from './instances.ts';
import {
  type Failure,
  floats,
  ints,
  notBegun,
  type Slot,
  shared,
  sharedInts,
  slotOf,
  ticksOf,
  type WorkerSetup,
} from './protocol.ts';
import { describeThrown } from './thrown.ts';

/** Batches between two counts of the bytes of the guests' memories, which may grow without a cold start. */
const countBytesEvery = 64;

/** Frames of a stack. The ten of V8's default end within a guest's own handling of a panic. */
Error.stackTraceLimit = 50;

const setup = workerData as WorkerSetup;
const whole = sharedInts(setup.memory);
const slots: Slot[] = [];
const instances = new Instances(setup.guests, await loadBindings(setup.guests));
let batchesSinceCount = 0;

export default function runBatch(message: readonly unknown[]): unknown[] {
  const slot = slotAt(message[0] as number);
  const count = message[1] as number;
  const capacity = Atomics.load(whole, shared.capacity);
  const reserved = Math.max(capacity, Atomics.load(whole, shared.reserved));
  instances.evict(reserved);
  let beganMs = systemClock.now();
  slot.floats[floats.receivedMs] = beganMs;
  const values: unknown[] = [];
  let failures: Failure[] | undefined;
  let coldStarts = 0;
  let at = 2;
  let inRun = 0;
  let argc = 0;
  let guest = 0;
  let local = 0;
  advance(slot, notBegun, beganMs);
  for (let index = 0; index < count; index++) {
    if (inRun === 0) {
      const fn = message[at] as number;
      argc = message[at + 1] as number;
      inRun = message[at + 2] as number;
      at += 3;
      [guest, local] = fn < 0 ? ([-1 - fn, -1] as const) : (setup.functions[fn] as readonly [number, number]);
    }
    inRun--;
    let stage: Failure['stage'] = 'start';
    try {
      if (local < 0) {
        instances.create(guest);
        values.push(undefined);
      } else {
        const callable = instances.callables(guest, capacity, reserved)[local] as GuestCallable;
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
      instances.destroy(guest);
      values.push(undefined);
      failures ??= [];
      failures.push(failureOf(index, stage, thrown, setup.guests[guest]?.movedBytes));
    }
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

/** Never throws, whatever a guest or a binding threw. */
function failureOf(index: number, stage: Failure['stage'], thrown: unknown, movedBytes: number | undefined): Failure {
  if (!isBindingFault(thrown)) return { index, stage, fault: undefined, thrown: describeThrown(thrown, movedBytes) };
  return {
    index,
    stage,
    fault: thrown.message,
    thrown: thrown.thrown && describeThrown(thrown.thrown.value, movedBytes),
  };
}
