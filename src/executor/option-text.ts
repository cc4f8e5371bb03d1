/** An option as somebody would write it in a program. */
import type { SettingValue } from '../contracts.ts';

/** `threads: 2`. */
export function optionText(option: string, value: SettingValue): string {
  const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(option) ? option : literal(option);
  return `${key}: ${valueSource(value)}`;
}

export function valueSource(value: SettingValue): string {
  return typeof value === 'string' ? literal(value) : String(value);
}

/** `text` as source code, in the quotes most people use. */
function literal(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
