/**
 * What http-service.ts does on a thread of its pool: fetches a module, lexes it with es-module-lexer
 * (WebAssembly), compresses it and hashes it. It knows nothing of sandtune.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { init, parse } from 'es-module-lexer';

/** What a module costs the page that loads it. */
export interface ModuleCost {
  readonly url: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Specifiers of static imports, which the page has to load as well. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** For the attribute of that name. */
  readonly integrity: string;
}

/** The module cannot be had, or is none. That is an answer like any other, and no failure of the pool. */
export interface NoModule {
  /** HTTP status: what the CDN said, or 422 for a text that is no module. */
  readonly status: number;
  readonly problem: string;
}

const slowestMs = 10_000;

/** @throws {Error} when the CDN cannot be reached, or takes longer than ten seconds */
export default async function moduleCost(url: string): Promise<ModuleCost | NoModule> {
  const response = await fetch(url, { signal: AbortSignal.timeout(slowestMs) });
  const source = Buffer.from(await response.arrayBuffer());
  if (!response.ok) return { status: response.status, problem: `${url}: ${response.status} ${response.statusText}` };
  await init();
  try {
    const [imports, exports] = parse(source.toString());
    return {
      url,
      bytes: source.length,
      gzipBytes: gzipSync(source, { level: 9 }).length,
      imports: imports.flatMap((one) => (one.type === 'static' ? [one.specifier] : [])),
      exports: exports.map((one) => ('name' in one ? one.name : `* from ${one.from}`)),
      integrity: `sha384-${createHash('sha384').update(source).digest('base64')}`,
    };
  } catch (error) {
    return { status: 422, problem: `${url}: expected a module, got ${(error as Error).message}` };
  }
}
