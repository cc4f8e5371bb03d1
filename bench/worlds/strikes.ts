/** Which slots of time a world's strikes hit: the same for one name and seed, however time is cut. */
import type { Settings } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { Service, Strike, WorldSpec } from './spec.ts';

/** A slot's end may be missed by so much: sums of milliseconds are not exact. */
const toleranceMs = 1e-6;

export interface Strikes {
  /** The service in the slots of that moment. */
  struck(service: Service, settings: Settings, atMs: number, flippedMs: number): Service;
  /** When the next slot begins; Infinity where there are no strikes. */
  nextMs(afterMs: number, flippedMs: number): number;
}

export function strikesOf({ name, strikes = [] }: Pick<WorldSpec, 'name' | 'strikes'>, seed: number): Strikes {
  const slotOf = ({ forMs, from }: Strike, atMs: number, flippedMs: number) => {
    const originMs = from === 'flip' ? Math.max(0, flippedMs) : 0;
    return { originMs, index: Math.floor((atMs - originMs + toleranceMs) / forMs) };
  };
  return {
    struck: (service, settings, atMs, flippedMs) =>
      strikes.reduce((sofar, strike, number) => {
        const { originMs, index } = slotOf(strike, atMs, flippedMs);
        const chance = randomStream(seed, `${name} strike ${number} ${originMs}/${index}`)();
        return chance < 1 / strike.oneIn ? strike.does(sofar, settings) : sofar;
      }, service),
    nextMs: (afterMs, flippedMs) =>
      strikes.reduce((soonest, strike) => {
        const { originMs, index } = slotOf(strike, afterMs, flippedMs);
        return Math.min(soonest, originMs + (index + 1) * strike.forMs);
      }, Infinity),
  };
}

/** Every combination of strikes with the share of the time it is met for. */
export function mixture(
  { strikes = [] }: Pick<WorldSpec, 'strikes'>,
  service: Service,
  settings: Settings,
): readonly (readonly [share: number, service: Service])[] {
  return strikes.reduce<readonly (readonly [number, Service])[]>(
    (sofar, { oneIn, does }) =>
      sofar.flatMap(([share, one]) => [
        [share * (1 - 1 / oneIn), one] as const,
        [share / oneIn, does(one, settings)] as const,
      ]),
    [[1, service]],
  );
}
