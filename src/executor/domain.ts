/**
 * What a knob or an executor may be called, and the values a knob may have. All of it goes into a ledger, onto terminals and into
 * pages, and come back from JSON, so they are of a size and a kind that survives all of that.
 */
import type { KnobSpec, NumericRange, SettingValue } from '../contracts.ts';
import { quoted } from '../foundation/options.ts';

export type Domain<V extends SettingValue = SettingValue> = KnobSpec<V>['domain'];

/** Characters. */
const longest = { id: 128, value: 1024 } as const;
/** Values that a message names. */
const named = 12;

export const idText = `1 to ${longest.id} characters, well-formed and none of them a control character`;

export function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= longest.id && id.isWellFormed() && !/\p{Cc}/u.test(id);
}

const domainsText = `a list of values (finite numbers, booleans, well-formed texts of up to ${longest.value} characters), or { min, max, scale, integer } with min not above max, above 0 where scale is log`;

export function isDomain(domain: unknown): domain is Domain {
  return Array.isArray(domain) ? domain.length > 0 && domain.every(isSettingValue) : isRange(domain);
}

/** 'knobs.size.domain: scale: expected 'linear' or 'log', got "lin"': what is wrong with what is no domain. */
export function domainFault(name: string, domain: unknown): string {
  const wrong = isNamed(domain) ? wrongPart(domain) : null;
  return wrong
    ? `${name}: ${wrong[0]}: expected ${wrong[1]}, got ${quoted((domain as Partial<NumericRange>)[wrong[0]])}`
    : `${name}: expected ${domainsText}, got ${quoted(domain)}`;
}

/** True for an object that is meant as a range. */
function isNamed(domain: unknown): domain is Partial<NumericRange> {
  return typeof domain === 'object' && domain !== null && ['min', 'max'].every((key) => key in domain);
}

function wrongPart({ min, max, scale, integer }: Partial<NumericRange>): [keyof NumericRange, string] | null {
  if (!Number.isFinite(min)) return ['min', 'a finite number'];
  if (!Number.isFinite(max)) return ['max', 'a finite number'];
  if (scale !== 'linear' && scale !== 'log') return ['scale', "'linear' or 'log'"];
  return typeof integer === 'boolean' ? null : ['integer', 'true or false'];
}

export function isInDomain(domain: Domain, value: unknown): boolean {
  if (!('min' in domain)) return domain.includes(value as SettingValue);
  const { min, max, integer } = domain;
  return typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
}

/** 'an integer from 1 to 8', 'one of "gzip", "brotli"'. */
export function domainText(domain: Domain): string {
  if ('min' in domain) return `${domain.integer ? 'an integer' : 'a number'} from ${domain.min} to ${domain.max}`;
  const more = domain.length > named ? ` and ${domain.length - named} more` : '';
  return `one of ${domain.slice(0, named).map(quoted).join(', ')}${more}`;
}

/** True for what a ledger can hold as the value of a knob. */
export function isSettingValue(value: unknown): value is SettingValue {
  if (typeof value === 'string') return value.length <= longest.value && value.isWellFormed();
  return typeof value === 'boolean' || Number.isFinite(value);
}

function isRange(domain: unknown): domain is NumericRange {
  const { min, max, scale, integer } = (domain ?? {}) as Partial<NumericRange>;
  const isOrdered = Number.isFinite(min) && Number.isFinite(max) && (min as number) <= (max as number);
  const isWhole = integer === false || (integer === true && Number.isInteger(min) && Number.isInteger(max));
  return isOrdered && isWhole && (scale === 'linear' || (scale === 'log' && (min as number) > 0));
}
