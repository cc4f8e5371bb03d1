/**
 * A width of 16 instead of 8 that looks better, and is worse. Wider ones do as 16 does.
 *
 *   rare     one stay in so many is bad: most windows are better, the sum is less
 *   late     all is well until some time after the change
 *   slow     the harm builds up while the setting is in force and goes as slowly: switching hurts both arms alike
 *   hidden   the change brings calls upon itself, which look like work done
 */
import type { Settings } from '../../../src/contracts.ts';
import type { Service, WorldSpec } from '../spec.ts';
import { type CatalogueWorld, concurrency, throughput, usualNoise } from './entry.ts';

const usualPerSecond = 2000;
const isCandidate = ({ concurrency: width }: Settings) => Number(width) >= 16;
const rate = (factor: number): Service => ({ perSecond: usualPerSecond * factor, waitShare: 0.5 });
const slower = (service: Service, factor: number): Service => ({ ...service, perSecond: service.perSecond * factor });

/** A window of the usual length with what is thrown away before it. */
const windowMs = 550;
const lateMs = 60_000;
const laterMs = 900_000;

export const harms: readonly CatalogueWorld[] = [
  rare(8, 1.1, 0.1),
  rare(10, 1.08, 0.05),
  rare(20, 1.03, 0.01),
  harm('harm-late', 'a tenth better at first, half as good once it has stayed for a minute', {
    law: (settings, _, { stayedMs }) => rate(isCandidate(settings) ? (stayedMs < lateMs ? 1.1 : 0.5) : 1),
    changes: (afterMs, movedMs) => (afterMs - movedMs < lateMs ? movedMs + lateMs : Infinity),
  }),
  harm('harm-later', 'a tenth better for a quarter of an hour of the clock, then half as good', {
    law: (settings, atMs) => rate(isCandidate(settings) ? (atMs < laterMs ? 1.1 : 0.5) : 1),
    changes: (afterMs) => (afterMs < laterMs ? laterMs : Infinity),
  }),
  slow(5),
  slow(20),
  slow(120),
  {
    ...harm('harm-hidden-by-load', 'an eighth of the calls are asked again, which looks like an eighth more done', {
      load: { kind: 'open', perSecond: (_, settings) => (isCandidate(settings) ? 1125 : 1000) },
      law: (settings) => (isCandidate(settings) ? { ...rate(0.9), wantedFraction: 1000 / 1125 } : rate(1)),
    }),
  },
  harm('harm-hidden-by-connections', 'clients open half as many connections again, and each waits longer', {
    load: { kind: 'closed', inFlight: (_, settings) => (isCandidate(settings) ? 96 : 64) },
    law: (settings) => (isCandidate(settings) ? { ...rate(1.05), wantedFraction: 0.9 } : rate(1)),
  }),
];

function rare(oneIn: number, gain: number, left: number): CatalogueWorld {
  const percent = Math.round(100 * (gain - 1));
  return harm(`harm-rare-${oneIn}`, `${percent} % better, but for one stay in ${oneIn}, which all but stops`, {
    law: (settings) => rate(isCandidate(settings) ? gain : 1),
    strikes: [
      {
        oneIn,
        forMs: windowMs,
        from: 'flip',
        does: (service, settings) => (isCandidate(settings) ? slower(service, left / gain) : service),
      },
    ],
  });
}

/** @param seconds the time constant with which the harm builds up */
export function slow(seconds: number): CatalogueWorld {
  return harm(`harm-slow-${seconds}s`, `8 % better at once, and a quarter worse with a time constant of ${seconds} s`, {
    builds: { timeMs: 1000 * seconds, target: (settings) => (isCandidate(settings) ? 1 : 0) },
    law: (settings, _, { built }) => rate((isCandidate(settings) ? 1.08 : 1) * (1 - 0.25 * built)),
  });
}

function harm(
  name: string,
  about: string,
  differs: Pick<WorldSpec, 'law'> & Partial<Omit<WorldSpec, 'name'>>,
): CatalogueWorld {
  return {
    name,
    about,
    kind: 'harm',
    law: 'table',
    goal: throughput,
    spec: () => ({ knobs: [concurrency()], load: { kind: 'closed', inFlight: 64 }, noise: usualNoise, ...differs }),
  };
}
