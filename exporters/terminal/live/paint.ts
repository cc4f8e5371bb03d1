/**
 * Colour, used sparingly: what is good, what is bad, which arm. Everything must still be readable
 * without it, so colour never says anything the words and glyphs beside it do not.
 */

/** `a` and `b`: the two arms of a trial, baseline and candidate. */
export type Style = 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'a' | 'b' | 'title';

export type Paint = (text: string, style?: Style) => string;

const codes: Readonly<Record<Style, readonly [on: string, off: string]>> = {
  bold: ['1', '22'],
  dim: ['2', '22'],
  good: ['32', '39'],
  bad: ['31', '39'],
  warn: ['33', '39'],
  a: ['94', '39'],
  b: ['36', '39'],
  title: ['1;36', '22;39'],
};

export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, style) => {
    if (style === undefined || text === '') return text;
    const [on, off] = codes[style];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  };
}

/** @see https://no-color.org: any non-empty NO_COLOR means no colour */
export function wantsColor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}
