/** The few values of a knob that a model considers; together they span the knob's domain. */
import type { KnobSpec, NumericRange } from '../../src/contracts.ts';

/** Powers of two inside the domain, its ends and the current value, ascending; numeric members of a list as they are. */
export function doublingLadder(knob: KnobSpec, current: number): readonly number[] {
  if (Array.isArray(knob.domain)) return numbersOf(knob.domain);
  const { min, max } = knob.domain as NumericRange;
  const values = [min, current, max];
  for (let value = 1; value <= max; value *= 2) values.push(value);
  return ascending(values.filter((value) => value >= min && value <= max));
}

/** Every integer up to 16, then steps of about a quarter; numeric members of a list as they are. */
export function fineLadder(knob: KnobSpec, current: number): readonly number[] {
  if (Array.isArray(knob.domain)) return numbersOf(knob.domain);
  const { min, max } = knob.domain as NumericRange;
  const values = [min, current, max];
  for (let value = 1; value <= max; value = value < 16 ? value + 1 : Math.ceil(value * 1.25)) values.push(value);
  return ascending(values.filter((value) => value >= min && value <= max));
}

/** The member of the knob's domain for `value`: the smallest that is not below it, else the largest. */
export function intoDomain(knob: KnobSpec, value: number): number {
  if (Array.isArray(knob.domain)) {
    const values = numbersOf(knob.domain);
    return values.find((one) => one >= value) ?? values.at(-1) ?? value;
  }
  const { min, max, integer } = knob.domain as NumericRange;
  const clamped = Math.min(max, Math.max(min, value));
  return integer ? Math.min(Math.floor(max), Math.ceil(clamped)) : clamped;
}

/** The member of the knob's domain nearest to `value`, by ratio. */
export function nearestIn(knob: KnobSpec, value: number): number {
  const below = intoDomain(knob, value);
  if (!Array.isArray(knob.domain))
    return intoDomain(knob, (knob.domain as NumericRange).integer ? Math.round(value) : value);
  const apart = (one: number) => Math.abs(Math.log(one / value));
  return numbersOf(knob.domain).reduce((near, one) => (apart(one) < apart(near) ? one : near), below);
}

function numbersOf(domain: readonly unknown[]): readonly number[] {
  return ascending(domain.filter((value) => typeof value === 'number'));
}

function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
