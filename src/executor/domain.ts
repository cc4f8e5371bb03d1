/** The values a knob may have. */
import type { KnobSpec, SettingValue } from '../contracts.ts';
import { quoted } from '../foundation/options.ts';

export type Domain<V extends SettingValue = SettingValue> = KnobSpec<V>['domain'];

export function isInDomain(domain: Domain, value: unknown): boolean {
  if (!('min' in domain)) return domain.includes(value as SettingValue);
  const { min, max, integer } = domain;
  return typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
}

/** 'an integer from 1 to 8', 'one of "gzip", "brotli"'. */
export function domainText(domain: Domain): string {
  if (!('min' in domain)) return `one of ${domain.map(quoted).join(', ')}`;
  return `${domain.integer ? 'an integer' : 'a number'} from ${domain.min} to ${domain.max}`;
}
