/**
 * What is to be expected of a setting at a moment: noise left out, strikes weighed in, and what builds
 * up as far built as it will be. Where strikes are, the latency of most calls and that of a few differ so
 * much that no formula gives their p99: the world's own calls give it, without noise, while the moment stands still.
 */
import type { Settings } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { quantileMs } from '../../src/measure/distribution.ts';
import { p99MsOf } from './latency.ts';
import { inFlightAt, meanLatencyMs, offeredPerSecond, usualShape } from './load.ts';
import { settledPast } from './past.ts';
import type { Over, WorldLoad, WorldSpec } from './spec.ts';
import { mixture } from './strikes.ts';
import type { Truth, World } from './world.ts';

/** Slots that are struck, on average, in the run that p99 is read from. */
const struckSlots = 100;

/** @param create makes the world that p99 is read from */
export function truthIn(spec: WorldSpec, create: (spec: WorldSpec, seed: number) => World): World['truth'] {
  const known = new Map<string, number>();
  return (asked, atMs) => {
    const { load, law, builds } = spec;
    const settings = taken(spec, asked);
    const undisturbed = law(settings, atMs, settledPast(builds, settings));
    const parts = mixture(spec, undisturbed, settings);
    const weighed = (value: (service: typeof undisturbed) => number) =>
      parts.reduce((sum, [share, service]) => sum + share * value(service), 0);
    const capacity = weighed(({ perSecond }) => perSecond);
    const offered = offeredPerSecond(load, atMs, settings);
    const served = Math.min(capacity, offered);
    const errorFraction = weighed((one) => one.perSecond * (one.errorFraction ?? 0)) / capacity || 0;
    const wanted = weighed(({ perSecond, wantedFraction = 1 }) => perSecond * wantedFraction) / capacity || 0;
    const p99Ms = (): number => {
      if (load.kind === 'open' && offered >= capacity) return Infinity;
      const { shape = usualShape(load) } = undisturbed;
      if (!spec.strikes) return p99MsOf(shape, meanLatencyMs(load, undisturbed, capacity, atMs, settings));
      const key = JSON.stringify([settings, parts, offered, inFlightAt(load, atMs, settings)]);
      const read = known.get(key) ?? p99InStandingTime(spec, settings, atMs, create);
      known.set(key, read);
      return read;
    };
    return {
      rate: served * (1 - errorFraction) * wanted,
      errorFraction,
      // Computed only for those who ask: with strikes it takes a run.
      get p99Ms() {
        return p99Ms();
      },
    } satisfies Truth;
  };
}

/** What comes into force when these are applied. */
function taken({ knobs }: WorldSpec, asked: Settings): Settings {
  return Object.fromEntries(
    knobs.map(({ id, defaultValue, takes }) => {
      const value = valueIn(asked, id) ?? defaultValue;
      return [id, takes ? takes(value) : value];
    }),
  );
}

function p99InStandingTime(
  spec: WorldSpec,
  settings: Settings,
  atMs: number,
  create: (spec: WorldSpec, seed: number) => World,
): number {
  const { strikes = [], changes: _changes, builds, ...rest } = spec;
  const past = settledPast(builds, settings);
  const standing = create(
    {
      ...rest,
      knobs: spec.knobs.map((knob) => ({ ...knob, defaultValue: valueIn(settings, knob.id) ?? knob.defaultValue })),
      load: standingLoad(spec.load, atMs),
      law: (asked) => spec.law(asked, atMs, past),
      noise: {},
      strikes,
    },
    0,
  );
  using open = standing.executor.openWindow();
  standing.advance(Math.max(...strikes.map(({ oneIn, forMs }) => oneIn * forMs * struckSlots)));
  return quantileMs(open.cut().latency, 0.99);
}

function standingLoad(load: WorldLoad, atMs: number): WorldLoad {
  const standing = (value: Over): Over => (typeof value === 'number' ? value : (_, settings) => value(atMs, settings));
  return load.kind === 'open'
    ? { kind: 'open', perSecond: standing(load.perSecond) }
    : { kind: 'closed', inFlight: standing(load.inFlight) };
}
