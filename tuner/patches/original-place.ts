/**
 * Where a place of a compiled file lies in the file it was made of, by its source map. Nobody edits what a
 * compiler writes.
 * @see https://tc39.es/ecma426/
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A place in a text; line and column from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

const mapping = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

/** The place itself in a file without a map; null where the map or what it leads to cannot be had. May throw. */
export function originalPlace(place: SourcePlace): SourcePlace | null {
  const [, url] = [...place.source.matchAll(mapping)].at(-1) ?? [];
  if (url === undefined) return place;
  const mapUrl = new URL(url, pathToFileURL(place.file));
  const text = mapUrl.protocol === 'data:' ? dataOf(mapUrl) : readFileSync(mapUrl, 'utf8');
  const entry = new SourceMap(JSON.parse(text)).findEntry(place.line - 1, place.column - 1);
  if (!('originalSource' in entry)) return null;
  // Sources are named from the place of the map; of one within the file, from that of the file.
  const base = mapUrl.protocol === 'data:' ? pathToFileURL(place.file) : mapUrl;
  const file = fileURLToPath(new URL(entry.originalSource, base));
  return {
    file,
    source: readFileSync(file, 'utf8'),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  };
}

function dataOf({ pathname }: URL): string {
  const comma = pathname.indexOf(',');
  const data = pathname.slice(comma + 1);
  return pathname.slice(0, comma).endsWith(';base64')
    ? Buffer.from(data, 'base64').toString('utf8')
    : decodeURIComponent(data);
}
