/**
 * The space that a search moves in: one axis a knob. An ordered axis gives each value a place from 0 to 1, so
 * that values close to each other are expected to be alike; of a choice all values are equally far apart.
 *
 *   KnobSpec ── axisOf ──▶ Axis: values worth a visit, and the place of each
 *
 * What a range is divided into: doublings of the value in force by halves, even steps over the whole of it,
 * and its ends; `closeTo` gives what lies between these near a good value.
 */
import type { KnobSpec, NumericRange, SettingValue } from '../../../src/contracts.ts';

export interface Axis {
  readonly id: string;
  readonly isChoice: boolean;
  /** Values worth a visit, in order. */
  readonly values: readonly SettingValue[];
  /** 0 to 1 on an ordered axis; the index of a choice. */
  place(value: SettingValue): number;
  /** Largest step that is taken from where the service is known to work. */
  readonly reach: number;
  /** Half an octave, or a step of an even range. */
  readonly stride: number;
  /** Values near one, closer than `values` are. */
  closeTo(value: SettingValue): readonly SettingValue[];
}

const evenSteps = 12;
/** Share of a range that one step may cover, and how many doublings of a value. */
const farthest = { share: 0.35, doublings: 3 } as const;
/** Places between a value and those close to it. */
const closeSteps = [1 / 12, 1 / 24, 1 / 48] as const;

export function axisOf({ id, domain }: KnobSpec, current: SettingValue): Axis {
  if ('min' in domain) return rangeAxis(id, domain, Number(current));
  if (domain.length > 2 && domain.every((value) => typeof value === 'number'))
    return listAxis(
      id,
      [...domain].sort((a, b) => Number(a) - Number(b)),
    );
  return {
    id,
    isChoice: true,
    values: domain,
    place: (value) => domain.indexOf(value),
    reach: Infinity,
    stride: Infinity,
    closeTo: () => [],
  };
}

/** Numbers of a list are in order, and as far apart as their ranks. */
function listAxis(id: string, values: readonly SettingValue[]): Axis {
  const last = values.length - 1;
  return {
    id,
    isChoice: false,
    values,
    place: (value) => values.indexOf(value) / last,
    reach: Math.max(farthest.share, 1 / last),
    stride: 1 / last,
    closeTo: () => [],
  };
}

function rangeAxis(id: string, range: NumericRange, current: number): Axis {
  const { min, max, scale } = range;
  const isLog = scale === 'log' && min > 0;
  const span = isLog ? Math.log(max / min) : max - min;
  const place = (value: SettingValue) =>
    span > 0 ? (isLog ? Math.log(Number(value) / min) : Number(value) - min) / span : 0;
  const at = (share: number) => (isLog ? min * Math.exp(span * share) : min + span * share);
  const inside = (values: readonly number[]) => membersOf(range, values);
  const doublings = Array.from({ length: 41 }, (_, i) => current * 2 ** ((i - 20) / 2));
  const even = Array.from({ length: evenSteps + 1 }, (_, i) => at(i / evenSteps));
  return {
    id,
    isChoice: false,
    values: inside([current, ...doublings, ...even]),
    place,
    reach: isLog ? Math.min(farthest.share, (farthest.doublings * Math.LN2) / span) : farthest.share,
    stride: isLog ? Math.min(1 / evenSteps, Math.LN2 / 2 / span) : 1 / evenSteps,
    closeTo: (value) =>
      inside(closeSteps.flatMap((step) => [at(place(value) - step), at(place(value) + step)])).filter(
        (one) => one !== value,
      ),
  };
}

/** The members of a range for these numbers, ascending, each once. */
function membersOf({ min, max, integer }: NumericRange, values: readonly number[]): readonly number[] {
  const members = values.flatMap((value) => {
    if (value < min || value > max) return [];
    // Of a fraction, digits that nobody would type say nothing.
    const member = integer ? Math.round(value) : Number(value.toPrecision(6));
    return member >= min && member <= max ? [member] : [];
  });
  return [...new Set(members)].sort((a, b) => a - b);
}
