/**
 * Writes options into the call that made an executor, as the smallest edit of the lines that stand there. Pure:
 * the text of a file and where the call is, and out come hunks of a diff. What cannot be said for sure gives
 * null: a call whose first argument is no object literal, an object of options that a later spread may hide. An
 * option that one may hide goes behind it, and not into the call a second time.
 *
 *   createSandbox({ guests, ...more })              +   threads: 2   ──▶   createSandbox({ guests, ...more, threads: 2 })
 *   createSandbox({ guests, threads: 3, ...more })  +   threads: 2   ──▶   createSandbox({ guests, ...more, threads: 2 })
 */
import type { OptionSetting } from '../../src/contracts.ts';
import { optionText, valueSource } from '../../src/executor/option-text.ts';
import type { CallSite } from '../../src/foundation/call-site.ts';
import { type Hunk, hunksOf } from './hunks.ts';
import { after, type ObjectSource, objectAt, type PropertySource, skipSpace } from './source-objects.ts';

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function editSource(
  source: string,
  site: Pick<CallSite, 'line' | 'column' | 'callee'>,
  options: readonly OptionSetting[],
): readonly Hunk[] | null {
  const at = argumentsOf(source, site);
  if (at === null) return null;
  const edits: Edit[] = [];
  let written = source;
  // One after the other, each in the text that the one before has left.
  for (const option of options) {
    const edit = editOf(written, at, option);
    if (edit === null) return null;
    edits.push(edit);
    written = written.slice(0, edit.from) + edit.text + written.slice(edit.to);
  }
  return hunksOf(source, written);
}

/** The index after the opening bracket of the call; null where another call stands there. */
function argumentsOf(
  source: string,
  { line, column, callee }: Pick<CallSite, 'line' | 'column' | 'callee'>,
): number | null {
  let lineFrom = 0;
  for (let seen = 1; seen < line; seen++) {
    lineFrom = source.indexOf('\n', lineFrom) + 1;
    if (lineFrom === 0) return null;
  }
  const from = lineFrom + column - 1;
  if (!source.startsWith(callee, from)) return null;
  // Type arguments stand between the name and the bracket.
  const bracket = source.indexOf('(', from + callee.length);
  const between = source.slice(from + callee.length, bracket);
  return bracket < 0 || !/^\s*(?:<[^()]*>)?\s*$/.test(between) ? null : skipSpace(source, bracket + 1);
}

function editOf(source: string, at: number, { argument, path, value }: OptionSetting): Edit | null {
  const first =
    argument === 'constructed' ? constructed(source, at) : argument === 'second' ? secondArgument(source, at) : at;
  let object = first === null ? null : argumentAt(source, first);
  const last = path.at(-1);
  for (const [depth, parent] of path.slice(0, -1).entries()) {
    if (object === null) return null;
    const found = object.properties.findLast(({ name }) => name === parent);
    if (!found) return isHidden(object, parent) ? null : inserted(source, object, nested(path.slice(depth), value));
    object = found.value === null ? null : objectAt(source, found.value.from);
  }
  if (object === null || last === undefined) return null;
  const found = object.properties.findLast(({ name }) => name === last);
  if (!found) return inserted(source, object, optionText(last, value));
  if (isHidden(object, last)) return moved(source, object, found, optionText(last, value));
  if (found.value === null) return { from: found.from, to: found.to, text: optionText(last, value) };
  // `concurrency: { value: 4, max: 32 }` in place of a number.
  const inner = objectAt(source, found.value.from);
  if (inner === null) return { ...found.value, text: valueSource(value) };
  const standing = inner.properties.findLast(({ name }) => name === 'value');
  if (isHidden(inner, 'value')) return null;
  return standing?.value
    ? { ...standing.value, text: valueSource(value) }
    : inserted(source, inner, optionText('value', value));
}

/** The object literal that is an argument as a whole, and not the beginning of one. */
function argumentAt(source: string, at: number): ObjectSource | null {
  const object = objectAt(source, at);
  const end = object && skipSpace(source, object.to);
  return end !== null && /^(?:[,)]|as\b|satisfies\b)/.test(source.slice(end, end + 10)) ? object : null;
}

/** The object that is given to a constructor in the first argument: `wrap(new Piscina({ … }))`. */
function constructed(source: string, at: number): number | null {
  const found = /^new\s+[\w$.]+(?:<[^()]*>)?\s*\(\s*/.exec(source.slice(at, at + 500));
  return found && at + found[0].length;
}

/** What follows the first argument, whatever that is. */
function secondArgument(source: string, at: number): number | null {
  let next: number | null = at;
  while (next !== null && next < source.length && source[next] !== ',') {
    if (source[next] === ')') return null;
    next = after(source, next);
  }
  return next === null ? null : skipSpace(source, next + 1);
}

/** A spread after a property may give it another value. */
function isHidden({ properties }: ObjectSource, option: string): boolean {
  const at = properties.findLastIndex(({ name }) => name === option);
  return at >= 0 && properties.slice(at + 1).some(({ name }) => name === null);
}

/** What follows the last property on its line: a comma, and a comment that belongs to it. */
const restOfLine = /^(\s*,)?([ \t]*(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/[ \t]*)?)(\r?\n)/;

function inserted(source: string, object: ObjectSource, text: string): Edit {
  const last = object.properties.at(-1);
  if (!last) return { from: object.from + 1, to: object.closeAt, text: ` ${text} ` };
  const rest = source.slice(last.to, object.closeAt);
  const comma = /^\s*,/.exec(rest)?.[0] ?? '';
  const indent = /(?:^|\n)([ \t]*)$/.exec(source.slice(0, last.from))?.[1];
  const line = restOfLine.exec(rest);
  if (!line || indent === undefined)
    return { from: last.to, to: last.to + comma.length, text: `, ${text}${comma === '' ? '' : ','}` };
  const [, , comment = '', lineEnd = '\n'] = line;
  return { from: last.to, to: last.to + line[0].length, text: `,${comment}${lineEnd}${indent}${text},${lineEnd}` };
}

/** Taken out where it stands, with its line where it has one, and put behind the others. */
function moved(source: string, object: ObjectSource, found: PropertySource, text: string): Edit | null {
  // Beside its value an object says more, which would go with it.
  if (found.value !== null && source[found.value.from] === '{') return null;
  const rest = source.slice(found.to, object.closeAt);
  const line = restOfLine.exec(rest);
  const indent = /\n([ \t]*)$/.exec(source.slice(0, found.from))?.[1];
  const comma = /^\s*,[ \t]*/.exec(rest);
  if (comma === null) return null;
  const ownsLine = line?.[1] !== undefined && indent !== undefined;
  const from = ownsLine ? found.from - indent.length : found.from;
  const end = found.to + (ownsLine ? line[0].length : comma[0].length);
  const put = inserted(source, object, text);
  return { from, to: put.to, text: source.slice(end, put.from) + put.text };
}

function nested(path: readonly string[], value: OptionSetting['value']): string {
  const [first = '', ...more] = path;
  return more.length === 0 ? optionText(first, value) : `${first}: { ${nested(more, value)} }`;
}
