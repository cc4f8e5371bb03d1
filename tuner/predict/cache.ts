/**
 * The model of a cache's capacity. From the LRU ranks at which references were found it counts what
 * every other capacity would have missed. One setting is enough, since ranks do not depend on the
 * capacity, and what a miss costs is measured. The model proposes a tenth more than the knee of the
 * curve: just below the knee a curve with a cliff loses everything.
 * @see Mattson, Gecsei, Slutz, Traiger 1970, "Evaluation techniques for storage hierarchies" (stack distances)
 */
import type { CacheUse, KnobSpec } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { mergeCacheUse } from '../../src/measure/cache-counts.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { combined, gainInterval, type LogGain } from './gain.ts';
import { doublingLadder, intoDomain } from './ladder.ts';
import { measuredGain } from './measured.ts';
import { inWords, isWorth, propose, type View } from './model.ts';
import { poolGains } from './pool-gain.ts';

const units: readonly string[] = ['modules', 'entries'];
/** What is proposed, over the knee. */
export const cushion = 1.1;
/** The knee is the smallest capacity that brings this share of the largest gain. */
const kneeShare = 0.95;
/** A loss smaller than this (log) counts as none. */
const noLoss = 0.003;

export function cacheModel(context: Context): View | null {
  const { now, seen } = context;
  const knob = seen.knobs.find((one) => one.unit !== undefined && units.includes(one.unit));
  const capacity = numberAt(now.settings, knob?.id);
  if (!knob || capacity === undefined) return null;
  const base = { model: 'cache', knobs: [knob.id], identifiable: false, curve: [] };
  const use = now.windows.reduce<CacheUse | undefined>((sum, window) => mergeCacheUse(sum, window.cache), undefined);
  // Of a cache that tells nothing of itself this model knows no more than any other does.
  if (!use) return null;
  const references = use.hits + use.misses;
  if (references < 200) return { ...base, reason: `${references} references to the cache were seen; 200 are needed` };
  const missesNow = missesAt(use, capacity);
  if (Math.abs(missesNow - use.misses) > 0.02 * references + 0.2 * use.misses) {
    return {
      ...base,
      reason: `the ranks say ${missesNow} misses at ${capacity}, the cache had ${use.misses}: it is not one LRU of that capacity`,
    };
  }
  const penalty = penaltyOf(context, use);
  const calls = now.windows.reduce((sum, window) => sum + window.outcomes.ok, 0);
  const gainOf = poolGains(context);
  const gainAt = (to: number): LogGain => {
    const saved = ((missesNow - missesAt(use, to)) * penalty) / Math.max(1, calls);
    const { mean } = gainOf({ savedMs: saved });
    const modelled = { mean, sd: 0.01 + Math.abs(mean) * Math.hypot(0.25, 1 / Math.sqrt(Math.max(1, use.misses))) };
    return combined(modelled, measuredGain(context, knob.id, to));
  };
  const sizes = sizesOf(knob, capacity, use);
  const reason = `${inWords((100 * use.misses) / references)} % of ${Math.round(references)} references missed at capacity ${capacity}, ${durationText(penalty)} each; ${use.rankCounts.length} entries were found again`;
  const view = {
    ...base,
    identifiable: true,
    reason,
    curve: sizes.map((to) => ({ value: to, gain: gainInterval(gainAt(to)) })),
  };
  const up = larger(context, knob, capacity, sizes, gainAt);
  if (up !== undefined && isWorth(context, gainAt(up))) {
    return {
      ...view,
      proposal: propose(
        context,
        'cache',
        { [knob.id]: up },
        gainAt(up),
        `${reason}; ${missesAt(use, up)} would miss at ${up}`,
      ),
    };
  }
  const down = knob.cost === 'per-unit' ? smaller(context, knob, capacity, sizes, gainAt) : undefined;
  if (down === undefined) return view;
  const words = `no loss expected from ${down} in place of ${capacity}: ${reason}`;
  return { ...view, cheaper: propose(context, 'cache-cheaper', { [knob.id]: down }, gainAt(down), words) };
}

/** Misses that an LRU cache of `capacity` would have had. */
export function missesAt(use: CacheUse, capacity: number): number {
  let misses = use.coldCount;
  for (let rank = Math.floor(capacity); rank < use.rankCounts.length; rank++) misses += use.rankCounts[rank] as number;
  return misses;
}

/** The smallest of the capacities, which ascend, that brings nearly all that any of them gains. */
export function kneeOf(capacities: readonly number[], gainAt: (capacity: number) => number): number | undefined {
  const most = Math.max(0, ...capacities.map(gainAt));
  return capacities.find((capacity) => gainAt(capacity) >= kneeShare * most);
}

/** What a miss costs, ms. Where nothing missed, cold starts stand in for misses. */
function penaltyOf({ now }: Context, use: CacheUse): number {
  if (use.misses > 0) return use.missMs / use.misses;
  const starts = now.windows.reduce(
    (sum, { start }) => ({ ms: sum.ms + start.sumMs, count: sum.count + start.count }),
    { ms: 0, count: 0 },
  );
  return starts.count > 0 ? starts.ms / starts.count : now.executeMs;
}

/** Powers of two, and the number of entries in use: a cache larger than that gains nothing. */
function sizesOf(knob: KnobSpec, capacity: number, use: CacheUse): readonly number[] {
  const depth = intoDomain(knob, use.rankCounts.length);
  return [...new Set([...doublingLadder(knob, capacity), depth])].sort((a, b) => a - b);
}

function larger(
  context: Context,
  knob: KnobSpec,
  capacity: number,
  sizes: readonly number[],
  gainAt: (to: number) => LogGain,
): number | undefined {
  const above = sizes.filter((size) => size > capacity);
  const knee = kneeOf(above, (size) => gainAt(size).mean);
  const value = knee === undefined ? undefined : intoDomain(knob, knee * cushion);
  return value !== undefined && isOpen(context, { ...context.seen.current, [knob.id]: value }) ? value : undefined;
}

function smaller(
  context: Context,
  knob: KnobSpec,
  capacity: number,
  sizes: readonly number[],
  gainAt: (to: number) => LogGain,
): number | undefined {
  return sizes
    .map((size) => intoDomain(knob, size * cushion))
    .find(
      (size) =>
        size <= 0.9 * capacity &&
        gainAt(size).mean >= -noLoss &&
        isOpen(context, { ...context.seen.current, [knob.id]: size }),
    );
}
