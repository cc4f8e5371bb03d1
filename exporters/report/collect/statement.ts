/**
 * A statement: words with what they claim. The verdict is put together from statements and from nothing
 * else, so that whatever number stands in it is one of a claim, and every claim names its entries.
 */
import type { ClaimData, ClaimKind, VerdictData } from '../data.ts';

export interface Statement {
  readonly text: string;
  readonly claims: readonly ClaimData[];
}

/** Words that claim nothing of the ledger. */
export function plain(text: string): Statement {
  return { text, claims: [] };
}

export const nothing: Statement = plain('');

/** @param entries numbers of the entries that say so; what is null is left out */
export function claiming(
  kind: ClaimKind,
  text: string,
  values: Readonly<Record<string, number>>,
  entries: readonly (number | null | undefined)[],
): Statement {
  const known = [...new Set(entries.flatMap((one) => one ?? []))].sort((a, b) => a - b);
  return { text, claims: [{ kind, text, values, entries: known }] };
}

/** Characters of one text of the ledger that a statement quotes: an error may have a million lines. */
const longestQuote = 300;

/** What somebody else wrote, as part of a sentence: one line, and of a long one its beginning. */
export function quote(text: string): string {
  const line = text
    .slice(0, 4 * longestQuote)
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= longestQuote) return line;
  const start = line.slice(0, longestQuote).toWellFormed();
  // Cut between clauses, else between words, where the beginning has any.
  const at = Math.max(start.lastIndexOf('; '), start.lastIndexOf('. '));
  const end = at > longestQuote / 2 ? at : start.lastIndexOf(' ');
  return `${end > longestQuote / 2 ? start.slice(0, end) : start} …`;
}

/** The statements that say anything, joined. */
export function joined(parts: readonly Statement[], between: string): Statement {
  const some = parts.filter(({ text }) => text !== '');
  return { text: some.map(({ text }) => text).join(between), claims: some.flatMap(({ claims }) => claims) };
}

export interface StatedVerdict {
  readonly verdict: VerdictData;
  readonly claims: readonly ClaimData[];
}

interface Parts {
  readonly action: Statement;
  readonly claim: Statement;
  readonly rest?: Statement;
  readonly why?: Statement;
  /** Between action and claim. @defaultValue ': ' */
  readonly colon?: string;
}

export function lineOf(
  kind: VerdictData['kind'],
  { action, claim: said, rest = nothing, why = nothing, colon = ': ' }: Parts,
): StatedVerdict {
  const line = `${action.text}${colon}${said.text}${rest.text ? `; ${rest.text}` : ''}.`;
  return {
    verdict: { kind, line, alarm: null, action: action.text, claim: said.text, rest: rest.text, why: why.text },
    claims: [action, said, rest, why].flatMap(({ claims }) => claims),
  };
}

/** With a statement that comes before everything else. */
export function alarmed({ verdict, claims }: StatedVerdict, alarm: Statement | null): StatedVerdict {
  if (alarm === null) return { verdict, claims };
  return {
    verdict: { ...verdict, alarm: alarm.text, line: `${alarm.text}. ${verdict.line}` },
    claims: [...alarm.claims, ...claims],
  };
}
