/** What `tier: 'thread'` is refused beside: whatever takes a worker to keep its word. */
import { expected } from '../foundation/options.ts';
import type { ResolvedGuest } from './guest-options.ts';

const ofWorkers = [
  'threads',
  'maxThreads',
  'batchSize',
  'batchLingerMs',
  'transport',
  'spinUs',
  'depth',
  'coalesceUs',
  'regionBytes',
  'startDeadlineMs',
  'maxQueue',
  'workerUrl',
] as const;

/** Options of a sandbox, of which those that are read here are checked elsewhere but for `tier`. */
type GivenOptions = { readonly tier?: unknown; readonly deadlineMs?: number } & {
  readonly [name in (typeof ofWorkers)[number]]?: unknown;
};

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function checkTier(options: GivenOptions, guests: readonly ResolvedGuest[]): 'worker' | 'thread' {
  const { tier = 'worker' } = options;
  if (tier !== 'worker' && tier !== 'thread') throw expected('tier', "'worker' or 'thread'", tier);
  if (tier === 'worker') return tier;
  for (const name of ofWorkers)
    if (options[name] !== undefined)
      throw expected(name, "nothing beside tier: 'thread', which has no workers", options[name]);
  if (options.deadlineMs !== undefined && options.deadlineMs !== Number.POSITIVE_INFINITY)
    throw expected('deadlineMs', "none beside tier: 'thread', where nobody can end a call", options.deadlineMs);
  for (const { name, binding, state } of guests) {
    if (binding)
      throw expected(
        `guests.${name}.binding`,
        "none beside tier: 'thread': glue runs where it is imported",
        binding.href,
      );
    if (state !== 'none') throw expected(`guests.${name}.state`, "none beside tier: 'thread'", state);
  }
  return tier;
}

/** Options that would have to go for a sandbox to do without workers; null where its calls or guests need them. */
export type WayToThread = readonly string[] | null;

/** @param options those of `createSandbox()` as given, `guests` as resolved */
export function wayToThread(options: GivenOptions, guests: readonly ResolvedGuest[]): WayToThread {
  const hasDeadline = options.deadlineMs !== undefined && options.deadlineMs !== Number.POSITIVE_INFINITY;
  if (hasDeadline || guests.some(({ binding, state }) => binding || state !== 'none')) return null;
  return ofWorkers.filter((name) => options[name] !== undefined);
}
