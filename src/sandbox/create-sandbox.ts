/**
 * `createSandbox()`: options → guests checked and compiled → workers started and asked → a Sandbox.
 * It resolves when every worker is ready, so a wrong guest, binding or worker file fails here and
 * not at the first call.
 */

import { DispatchQueue } from '../executor/dispatch-queue.ts';
import { wasMadeAt } from '../executor/made-at.ts';
import { reserveName } from '../executor/names.ts';
import { runsWork } from '../executor/work-text.ts';
import { callSiteOf } from '../foundation/call-site.ts';
import type { Timers } from '../foundation/clock.ts';
import { isSandtuneError, messageOf, refusal, SandtuneError } from '../foundation/errors.ts';
import { threadFile } from '../foundation/thread-file.ts';
import type { ResolvedGuest } from './guest-options.ts';
import { sandboxKnobs } from './knobs.ts';
import { type LoadedGuests, loadGuests } from './load-guests.ts';
import { ModuleStore } from './module/module-store.ts';
import { type ResolvedSandboxOptions, resolveSandboxOptions, type SandboxOptions } from './options.ts';
import type { GuestCall } from './run/call.ts';
import { startError } from './run/call-errors.ts';
import { slotCountFor } from './run/pool.ts';
import { createSharedMemory, shared, sharedInts } from './run/protocol.ts';
import { ThreadTier } from './run/thread-tier.ts';
import { WorkerTier, type WorkerTierOptions } from './run/worker-tier.ts';
import type { WorkerUnit } from './run/worker-unit.ts';
import { Sandbox } from './sandbox.ts';
import { withheldInThread, withheldKnobs } from './withheld-knobs.ts';

/** Longest time for all workers to start, before any guest or binding is brought up. */
const workersDeadlineMs = 30_000;

/**
 * Starts workers, checks and compiles the guests, and resolves with an executor of their functions: measured, with knobs, and
 * without any change until a knob is moved. Workers and files it has are let go by `close()`.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_NOT_WASM, _MEMORY_ABOVE_CAP, _IMPORT_NOT_ALLOWED,
 * _EXPORT_MISSING, _BINDING for a guest; ERR_SANDTUNE_WORKER_LOST when a worker cannot start
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  // The stack tells of its caller until the first await.
  const site = callSiteOf(createSandbox);
  const wanted = resolveSandboxOptions(options);
  // At once, so that of two that are made together the order of these calls decides, and not which is ready first.
  using reserved = reserveName(wanted);
  const resolved = { ...wanted, name: reserved.name };
  const { surroundings } = resolved;
  const loaded = await loadGuests(resolved.guests, new ModuleStore());
  if (resolved.tier === 'thread') return threadSandbox(resolved, loaded, reserved, site);
  const memory = createSharedMemory(slotCountFor(resolved.maxThreads));
  const ints = sharedInts(memory);
  Atomics.store(ints, shared.capacity, resolved.moduleCacheCapacity);
  Atomics.store(ints, shared.spinUs, resolved.spinUs);
  Atomics.store(ints, shared.coalesceUs, resolved.coalesceUs);
  const tier = workersOf(resolved.name, {
    ...resolved,
    ...surroundings,
    workerUrl: resolved.workerUrl ?? ownWorkerUrl(),
    setup: { guests: loaded.guests, functions: loaded.table, memory },
  });
  const queue = new DispatchQueue<GuestCall, WorkerUnit>({
    name: resolved.name,
    carrier: tier,
    size: resolved.batchSize,
    lingerMs: resolved.batchLingerMs,
    maxWaiting: resolved.maxQueue,
    tenants: resolved.tenants,
    ...surroundings,
  });
  const sandbox = new Sandbox({
    ...resolved,
    gauges: { workers: () => tier.limit, guestBytes: () => tier.guestBytes, busyMs: () => tier.busyMs },
    knobs: sandboxKnobs(resolved, queue, tier, ints),
    withheld: withheldKnobs(resolved),
    queue,
    tier,
    plans: loaded.plans,
    states: loaded.states,
    uncallable: loaded.uncallable,
    onlyGuest: resolved.guests.length === 1 ? resolved.guests[0]?.name : undefined,
  });
  await startWorkers(tier, resolved, loaded.starting, surroundings.timers);
  reserved.heldBy(sandbox);
  wasMadeAt(sandbox, site);
  runsWork(sandbox, loaded.digest);
  return sandbox;
}

/** @throws {SandtuneError} ERR_SANDTUNE_WORKER_LOST where the process may start none, as by `--permission` */
function workersOf(name: string, options: WorkerTierOptions): WorkerTier {
  try {
    return new WorkerTier(options);
  } catch (cause) {
    throw notStarted(name, cause);
  }
}

/** @throws {SandtuneError} ERR_SANDTUNE_TRAP where a guest cannot be brought up */
function threadSandbox(
  resolved: ResolvedSandboxOptions & { readonly name: string },
  loaded: LoadedGuests,
  reserved: Pick<ReturnType<typeof reserveName>, 'heldBy'>,
  site: ReturnType<typeof callSiteOf>,
): Sandbox {
  const { name, surroundings, tenants } = resolved;
  const tier = new ThreadTier({
    name,
    setup: { guests: loaded.guests, functions: loaded.table },
    capacity: resolved.moduleCacheCapacity,
    clock: surroundings.clock,
  });
  const queue = new DispatchQueue<GuestCall, true>({
    name,
    carrier: tier,
    maxWaiting: Number.POSITIVE_INFINITY,
    tenants,
    ...surroundings,
  });
  const [failure] = tier.start(loaded.starting);
  if (failure) throw startError(resolved.guests[loaded.starting[failure.index] as number] as ResolvedGuest, failure);
  const sandbox = new Sandbox({
    ...resolved,
    gauges: { workers: () => 1, guestBytes: () => tier.guestBytes, busyMs: () => tier.busyMs, inProcess: true },
    knobs: [],
    withheld: withheldInThread,
    queue,
    tier,
    thread: tier,
    plans: loaded.plans,
    states: loaded.states,
    uncallable: loaded.uncallable,
    onlyGuest: resolved.guests.length === 1 ? resolved.guests[0]?.name : undefined,
  });
  reserved.heldBy(sandbox);
  wasMadeAt(sandbox, site);
  runsWork(sandbox, loaded.digest);
  return sandbox;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where a bundler has left the worker's file behind */
function ownWorkerUrl(): URL {
  try {
    return threadFile('src/sandbox/run/worker');
  } catch (cause) {
    const wanted = `workerUrl: expected the URL of sandtune's worker file, for its own is not where this program lies`;
    throw new SandtuneError('ERR_SANDTUNE_OPTION', `${wanted} (${messageOf(cause)})`, { cause });
  }
}

/**
 * Once all workers are ready one of them brings up every guest that has a binding, a start function or
 * segments: only a worker can tell what `bind()` returns, whether the start ends, and whether a segment fits.
 */
async function startWorkers(
  tier: WorkerTier,
  { guests, name, threads }: Pick<ResolvedSandboxOptions, 'guests' | 'threads'> & { readonly name: string },
  starting: readonly number[],
  timers: Timers,
): Promise<void> {
  const abort = new AbortController();
  try {
    await Promise.race([
      tier.ready(threads),
      timers.sleep(workersDeadlineMs, { signal: abort.signal }).then(() => {
        throw new Error(`they did not answer within ${workersDeadlineMs / 1000} s`);
      }),
    ]);
    const [failure] = await tier.start(starting);
    if (failure) throw startError(guests[starting[failure.index] as number] as ResolvedGuest, failure);
  } catch (cause) {
    await tier.close();
    if (isSandtuneError(cause)) throw cause;
    throw notStarted(name, cause);
  } finally {
    abort.abort();
  }
}

function notStarted(name: string, cause: unknown): SandtuneError {
  const message = `${name}: expected workers to start, got: ${messageOf(cause)}`;
  return refusal('ERR_SANDTUNE_WORKER_LOST', message, cause);
}
