/** The functions of WASI that are about the process: arguments, environment, clocks, random bytes, waiting, the end. */
import { randomFillSync } from 'node:crypto';
import { systemClock } from '../../foundation/clock.ts';
import { errno } from './descriptors.ts';
import type { Layout } from './layout.ts';
import type { MemoryView } from './view.ts';

/** Thrown by `proc_exit`, to leave the guest. */
export class WasiExit extends Error {
  override readonly name = 'WasiExit';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the guest ended with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

export interface ProcessParts {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly view: MemoryView;
  readonly layout: Layout;
}

const clockResolutionNs = 1000n;

export function processFunctions({ args, env, view, layout }: ProcessParts) {
  const strings = {
    args: args.map((one) => Buffer.from(`${one}\0`)),
    environ: Object.entries(env).map(([name, value]) => Buffer.from(`${name}=${value}\0`)),
  };
  const sizes = (list: readonly Buffer[]) => (count: number, bytes: number) => {
    view.u32(count, list.length);
    view.u32(
      bytes,
      list.reduce((sum, { length }) => sum + length, 0),
    );
    return errno.success;
  };
  const get = (list: readonly Buffer[]) => (pointers: number, at: number) => {
    let to = at;
    list.forEach((bytes, index) => {
      view.u32(pointers + 4 * index, to);
      view.put(to, bytes);
      to += bytes.length;
    });
    return errno.success;
  };
  return {
    args_get: get(strings.args),
    args_sizes_get: sizes(strings.args),
    environ_get: get(strings.environ),
    environ_sizes_get: sizes(strings.environ),
    clock_res_get: (_id: number, at: number) => (view.u64(at, clockResolutionNs), errno.success),
    clock_time_get: (id: number, _precision: bigint, at: number) => (view.u64(at, clockNs(id)), errno.success),
    random_get: (at: number, length: number) => (randomFillSync(view.bytes(at, length)), errno.success),
    proc_exit: (code: number) => {
      throw new WasiExit(code);
    },
    sched_yield: () => errno.success,
    poll_oneoff: (subscriptions: number, events: number, count: number, done: number) => {
      if (count === 0) return errno.inval;
      view.u32(done, poll(view, layout.subscription, subscriptions, events, count));
      return errno.success;
    },
  };
}

/** Clock 0 tells the time of day; each other one, how long this thread has run. */
function clockNs(id: number): bigint {
  const sinceStartMs = systemClock.now();
  const ms = id === 0 ? systemClock.timeOrigin + sinceStartMs : sinceStartMs;
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

/**
 * Waits until the first of what is subscribed to is so, and writes an event for each that is so then. Files and
 * streams are always ready, so it waits only where nothing but clocks is asked for.
 * @returns how many events it wrote
 */
function poll(
  view: MemoryView,
  { bytes, clock, timeout, flags }: Layout['subscription'],
  subscriptions: number,
  events: number,
  count: number,
): number {
  const asked = Array.from({ length: count }, (_, index) => {
    const at = subscriptions + bytes * index;
    const type = view.readU8(at + 8);
    const isAbsolute = (view.readU16(at + flags) & 1) !== 0;
    const ns = view.readU64(at + timeout) - (isAbsolute ? clockNs(view.readU32(at + clock)) : 0n);
    return { at, type, dueNs: type !== 0 || ns < 0n ? 0n : ns };
  });
  const waitNs = asked.reduce((least, { dueNs }) => (dueNs < least ? dueNs : least), asked[0]?.dueNs ?? 0n);
  const waitMs = Number(waitNs) / 1e6;
  if (waitMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  const ready = asked.filter(({ dueNs }) => dueNs <= waitNs);
  ready.forEach(({ at, type }, index) => {
    const event = events + 32 * index;
    view.zero(event, 32);
    view.u64(event, view.readU64(at));
    view.u8(event + 10, type);
  });
  return ready.length;
}
