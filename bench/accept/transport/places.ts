/**
 * Places at which a worker is ended, each with calls that bring it there.
 *
 *   mid-call      a call runs
 *   mid-batch     a call runs and others wait behind it with the same worker
 *   mid-frame     the worker reads arguments of 60 KiB, one after the other
 *   mid-reply     … or writes results of that size
 *   mid-steal     a slow call has others behind it, which are given to the other worker
 *   starting      the replacement of a worker starts
 *   mid-into      results are copied into buffers of their callers
 *   leased        results of it are leased, some of them for long
 *   lent          its guest has arguments of 60 KiB for the time of a call
 *   regions-full  most shared memory for results is leased, and arguments need more than there is
 *
 * Where a call says that it runs, its worker is ended then; else any worker, at a random moment of the burst.
 */
import type { Worker } from 'node:worker_threads';
import { systemTimers } from '../../../src/foundation/clock.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import type { Audit, WatchedWorkers } from './watched.ts';

export const places = [
  'mid-call',
  'mid-batch',
  'mid-frame',
  'mid-reply',
  'mid-steal',
  'starting',
  'mid-into',
  'leased',
  'lent',
  'regions-full',
] as const;
export type Place = (typeof places)[number];

export interface Disturbed {
  readonly sandbox: Sandbox;
  readonly workers: WatchedWorkers;
  readonly audit: Audit;
  readonly random: RandomSource;
}

const largeBytes = 60 * 1024;

/** @returns how many workers were ended, and what resolves when the calls of the burst have settled */
export async function killAt(
  place: Place,
  on: Disturbed,
): Promise<{ readonly kills: number; readonly calls: readonly Promise<void>[] }> {
  const { sandbox, workers, audit, random } = on;
  const watch = (call: Promise<unknown>, isRight: (value: unknown) => boolean) => audit.watch(call, isRight);
  const isThread = (value: unknown) => typeof value === 'number';
  switch (place) {
    case 'mid-call': {
      const [held, begun] = hold(on);
      return { kills: end(workers.of(await begun)), calls: [held] };
    }
    case 'mid-batch': {
      const [held, begun] = hold(on);
      const idempotent = random() < 0.5;
      const behind = Array.from({ length: 20 }, () =>
        watch(sandbox.function('guest.pause').run([0.1], { idempotent }), isThread),
      );
      return { kills: end(workers.of(await begun)), calls: [held, ...behind] };
    }
    case 'mid-frame': {
      const large = new Uint8Array(largeBytes);
      const calls = Array.from({ length: 24 }, () =>
        watch(sandbox.function('guest.length')(large), (value) => value === largeBytes),
      );
      return { kills: await endAtRandom(on, 3), calls };
    }
    case 'mid-reply': {
      const calls = Array.from({ length: 24 }, () =>
        watch(sandbox.function('guest.bytes')(largeBytes), (value) => (value as Uint8Array).length === largeBytes),
      );
      return { kills: await endAtRandom(on, 4), calls };
    }
    case 'mid-steal': {
      const slow = watch(sandbox.function('guest.pause')(2 + 4 * random()), isThread);
      const behind = Array.from({ length: 40 }, () =>
        watch(sandbox.function('guest.length')(new Uint8Array(1)), (n) => n === 1),
      );
      await atRandom(random, 6);
      return { kills: end(workers.any(random)), calls: [slow, ...behind] };
    }
    case 'mid-into': {
      const calls = Array.from({ length: 24 }, (_, index) =>
        audit.watchInto(
          (into) => filled(on).run([largeBytes, index + 1], { into, idempotent: index % 2 === 0 }),
          largeBytes,
          index + 1,
        ),
      );
      return { kills: await endAtRandom(on, 4), calls };
    }
    case 'leased':
      return { calls: leases(on, 8), kills: await endAtRandom(on, 4) };
    case 'lent': {
      const calls = Array.from({ length: 24 }, (_, index) =>
        watch(
          sandbox.function('lent.isFilled')(new Uint8Array(largeBytes).fill(index), index),
          (value) => value === true,
        ),
      );
      return { kills: await endAtRandom(on, 4), calls };
    }
    case 'regions-full': {
      const held = leases(on, 12);
      await Promise.all(held);
      const calls = Array.from({ length: 24 }, () =>
        watch(sandbox.function('guest.length')(new Uint8Array(largeBytes)), (value) => value === largeBytes),
      );
      return { calls: [...calls, ...leases(on, 12)], kills: await endAtRandom(on, 5) };
    }
    case 'starting': {
      const [held, begun] = hold(on);
      const next = workers.next();
      const first = end(workers.of(await begun));
      const replacement = await next;
      await atRandom(random, 25);
      return { kills: first + end(replacement), calls: [held] };
    }
  }
}

function filled({ sandbox }: Disturbed) {
  return sandbox.function('guest.filled');
}

/** Calls whose results are leased; of those before them two in three are looked at and released. */
function leases(on: Disturbed, count: number): readonly Promise<void>[] {
  const { audit, random } = on;
  audit.release(() => random() < 2 / 3);
  return Array.from({ length: count }, (_, index) =>
    audit.watchLease(filled(on).run([largeBytes, index + 1], { lease: true }), index + 1),
  );
}

async function endAtRandom({ workers, random }: Disturbed, withinMs: number): Promise<number> {
  await atRandom(random, withinMs);
  return end(workers.any(random));
}

/** A call that never ends, and the id of its thread once it runs. */
function hold({ sandbox, audit }: Disturbed): readonly [held: Promise<void>, begun: Promise<number>] {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const { value } = Atomics.waitAsync(begun, 0, 0);
  const held = audit.watch(sandbox.function('guest.hold')(begun), () => false);
  // A wait that nobody else keeps alive ends with the process: the call does that.
  return [held, Promise.resolve(value).then(() => begun[0] as number)];
}

async function atRandom(random: RandomSource, withinMs: number): Promise<void> {
  const ms = withinMs * random();
  // A timer has whole milliseconds; what is less is passed in this turn of the event loop, or in a few.
  if (ms >= 1) await systemTimers.sleep(ms, { keepAlive: true });
  for (let turns = Math.floor(8 * random()); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
}

function end(worker: Worker | undefined): number {
  if (!worker) return 0;
  void worker.terminate();
  return 1;
}
