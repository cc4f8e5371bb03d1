/**
 * Colour, used sparingly: for what is good, what is bad, and which arm. The text must be readable
 * without it, so colour never says anything that the words and glyphs beside it do not.
 */
import { styleText } from 'node:util';

/** `a` and `b`: the two arms of a trial, baseline and candidate. */
export type Style = 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'a' | 'b' | 'title';

export type Paint = (text: string, style?: Style) => string;

const formats = {
  bold: 'bold',
  dim: 'dim',
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  a: 'blueBright',
  b: 'cyan',
  title: ['bold', 'cyan'],
} as const satisfies Readonly<Record<Style, Parameters<typeof styleText>[0]>>;

export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, style) =>
    style === undefined || text === '' ? text : styleText(formats[style], text, { validateStream: false });
}

/** @see https://no-color.org: any non-empty NO_COLOR means no colour */
export function wantsColor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}
