/**
 * The worlds in which guards are measured: those of the catalogue by their names, and a few in which a guard's price or
 * a time can be read that no whole run asks for. In all of them 16 is the candidate and 8 the default.
 */
import { worldNamed } from '../worlds/catalogue/catalogue.ts';
import { numberKnob, usualNoise } from '../worlds/catalogue/entry.ts';
import { slow } from '../worlds/catalogue/harms.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { Strike, WorldSpec } from '../worlds/spec.ts';
import type { World } from '../worlds/world.ts';

/** When, on its clock, the setting of `late` turns bad. */
export const lateMs = 300_000;
const hourMs = 3_600_000;
/** A window of the usual length with what is thrown away before it. */
const windowMs = 550;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION for a name that neither this file nor the catalogue has */
export function guardWorld(name: string, seed: number): World {
  const spec: WorldSpec = specs[name] ?? { name, ...worldNamed(name).spec(seed) };
  return createWorld(spec, seed);
}

const specs: Readonly<Record<string, WorldSpec>> = {
  /** A tenth better for five minutes of the clock, then half as good. */
  late: {
    ...plain('late', (atMs) => (atMs < lateMs ? 1.1 : 0.5)),
    changes: (afterMs) => (afterMs < lateMs ? lateMs : Infinity),
  },
  'harm-slow-2s': { name: 'harm-slow-2s', ...slow(2).spec(0) },
  'harm-slow-300s': { name: 'harm-slow-300s', ...slow(300).spec(0) },
  /** A tenth better, but for one stay in 40, in which a fifth of the calls fail: five times the 0.1 pp that may. */
  'harm-errors-40': failing('harm-errors-40', 1.1, 40),
  /** Gains so large that a few short windows prove them, with as many failures, or twice as many. */
  'harm-large-errors-20': failing('harm-large-errors-20', 1.3, 20),
  'harm-large-errors-40': failing('harm-large-errors-40', 1.3, 40),
  'harmless-10': harmless(0.1),
  'harmless-5': harmless(0.05),
};

/** Better by a factor, but for one stay in so many, in which a fifth of the calls fail. */
function failing(name: string, factor: number, oneIn: number): WorldSpec {
  const strike: Strike = {
    oneIn,
    forMs: windowMs,
    from: 'flip',
    does: (service, { concurrency }) => (Number(concurrency) >= 16 ? { ...service, errorFraction: 0.2 } : service),
  };
  return { ...plain(name, () => factor), strikes: [strike] };
}

/** A gain as large as it looks; a tenth up and down an hour, and one window in 20 in which either setting loses three tenths. */
function harmless(gain: number): WorldSpec {
  const strike: Strike = {
    oneIn: 20,
    forMs: windowMs,
    from: 'flip',
    does: (service) => ({ ...service, perSecond: 0.7 * service.perSecond }),
  };
  const drift = (atMs: number) => 1 + 0.1 * Math.sin((2 * Math.PI * atMs) / hourMs);
  return { ...plain(`harmless ${gain}`, () => 1 + gain, drift), strikes: [strike] };
}

/** @param factor what the candidate's rate is of the other's @param both what both settings' rate is of the usual */
function plain(name: string, factor: (atMs: number) => number, both: (atMs: number) => number = () => 1): WorldSpec {
  return {
    name,
    knobs: [numberKnob('concurrency', 8, { unit: 'calls', cost: 'per-unit' })],
    load: { kind: 'closed', inFlight: 64 },
    law: ({ concurrency }, atMs) => ({ perSecond: 2000 * both(atMs) * (Number(concurrency) >= 16 ? factor(atMs) : 1) }),
    noise: usualNoise,
  };
}
