/**
 * Finds the properties of an object literal in JavaScript or TypeScript, which is all that changing an option
 * needs of the language. Strings, templates, regular expressions, comments and brackets are understood; of the rest nothing is.
 * Whatever is not plain gives null, and then no edit is offered.
 */

interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface ObjectSource extends Span {
  readonly properties: readonly PropertySource[];
  /** The closing brace. */
  readonly closeAt: number;
}

export interface PropertySource extends Span {
  /** null: a spread, or a name that is computed. */
  readonly name: string | null;
  /** null: shorthand, a method, or an accessor, whose name is then its first word. */
  readonly value: Span | null;
}

const opening = '([{';
const closing = ')]}';
const quotes = '\'"`';
const space = /\s/;

/** The index after what begins at `at`: a string, a template, a regular expression, a comment, a bracket with all in it, or one character. */
export function after(source: string, at: number): number | null {
  const one = source[at] as string;
  if (source.startsWith('//', at)) return endOr(source.indexOf('\n', at), source.length);
  if (source.startsWith('/*', at)) {
    const end = source.indexOf('*/', at + 2);
    return end < 0 ? null : end + 2;
  }
  if (one === '/') return isDivision(source, at) ? at + 1 : afterExpression(source, at);
  if (quotes.includes(one)) return afterQuoted(source, at, one);
  if (!opening.includes(one)) return closing.includes(one) ? null : at + 1;
  let next: number | null = at + 1;
  while (next !== null && next < source.length) {
    if (source[next] === closing[opening.indexOf(one)]) return next + 1;
    next = after(source, next);
  }
  return null;
}

function afterQuoted(source: string, at: number, quote: string): number | null {
  for (let next = at + 1; next < source.length; next++) {
    if (source[next] === '\\') next++;
    else if (source[next] === quote) return next + 1;
    else if (quote !== '`' && source[next] === '\n') return null;
    else if (quote === '`' && source.startsWith('${', next)) {
      const end = after(source, next + 1);
      if (end === null) return null;
      next = end - 1;
    }
  }
  return null;
}

/** Words after which a slash begins a regular expression, though they end like a value. */
const operators = /(?:^|[^\w$.])(?:return|typeof|case|in|of|void|delete|await|yield|instanceof|new|do|else)$/;

/** A slash divides what ends before it; else it begins a regular expression. */
function isDivision(source: string, at: number): boolean {
  const before = source.slice(Math.max(0, at - 200), at).replace(/(?:\s|\/\*(?:(?!\*\/)[^])*\*\/)+$/, '');
  return /[\w$)\]'"`]$/.test(before) && !operators.test(before);
}

function afterExpression(source: string, at: number): number | null {
  let isInClass = false;
  for (let next = at + 1; next < source.length && source[next] !== '\n'; next++) {
    if (source[next] === '\\') next++;
    else if (source[next] === '[') isInClass = true;
    else if (source[next] === ']') isInClass = false;
    else if (source[next] === '/' && !isInClass) return next + 1;
  }
  return null;
}

function endOr(index: number, other: number): number {
  return index < 0 ? other : index;
}

/** Past spaces and comments. */
export function skipSpace(source: string, at: number): number {
  let next = at;
  while (next < source.length) {
    if (space.test(source[next] as string)) next++;
    else if (source.startsWith('//', next) || source.startsWith('/*', next))
      next = after(source, next) ?? source.length;
    else break;
  }
  return next;
}

/** The object literal that begins at `at`; null where there is none, or none that is understood. */
export function objectAt(source: string, at: number): ObjectSource | null {
  if (source[at] !== '{') return null;
  const properties: PropertySource[] = [];
  let next = skipSpace(source, at + 1);
  while (next < source.length) {
    if (source[next] === '}') return { from: at, to: next + 1, closeAt: next, properties };
    const property = propertyAt(source, next);
    if (property === null) return null;
    properties.push(property);
    next = skipSpace(source, property.to);
    if (source[next] === ',') next = skipSpace(source, next + 1);
    else if (source[next] !== '}') return null;
  }
  return null;
}

const name = /[\p{ID_Start}$_][\p{ID_Continue}$]*|'[^'\\\n]*'|"[^"\\\n]*"/uy;

function propertyAt(source: string, from: number): PropertySource | null {
  name.lastIndex = from;
  const found = source.startsWith('...', from) ? null : (name.exec(source)?.[0] ?? null);
  const colon = found === null ? -1 : skipSpace(source, from + found.length);
  const valueFrom = source[colon] === ':' ? skipSpace(source, colon + 1) : null;
  let next: number | null = valueFrom ?? from;
  let to = next;
  while (next !== null && next < source.length && source[next] !== ',' && source[next] !== '}') {
    const isSpace =
      space.test(source[next] as string) || source.startsWith('//', next) || source.startsWith('/*', next);
    next = after(source, next);
    if (next !== null && !isSpace) to = next;
  }
  if (next === null) return null;
  const plain = found === null ? null : /^['"]/.test(found) ? found.slice(1, -1) : found;
  return { from, to, name: plain, value: valueFrom === null ? null : { from: valueFrom, to } };
}
