/** Values of a knob to look at where not all can be: equal steps of its scale, its ends and its default among them. */
import type { Knob, SettingValue } from '../../src/contracts.ts';

/**
 * Ascending where the values are numbers of a range; a list is given as it is.
 * @param rungs steps of a range; one that has no more whole numbers than that gives them all
 */
export function ladderOf(
  { domain, defaultValue }: Pick<Knob, 'domain' | 'defaultValue'>,
  rungs: number,
): readonly SettingValue[] {
  if (!('min' in domain)) return domain;
  const { min, max, scale, integer } = domain;
  if (integer && max - min < rungs) return Array.from({ length: Math.floor(max - min) + 1 }, (_, i) => min + i);
  const isLog = scale === 'log' && min > 0;
  const values = Array.from({ length: rungs }, (_, i) => {
    const part = i / (rungs - 1);
    const value = isLog ? min * (max / min) ** part : min + part * (max - min);
    return integer ? Math.round(value) : value;
  });
  return [...new Set([Number(defaultValue), ...values])].sort((a, b) => a - b);
}
