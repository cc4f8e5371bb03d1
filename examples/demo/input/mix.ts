/**
 * Which call comes next: a seeded, skewed mix over the corpus. One call in seven lexes a JavaScript
 * file; the others hash or count any file, by a guest drawn with Zipf's weights (rank r has 1/r).
 * The skew is what makes an instance cache matter: a few guests are hot, many are rare.
 *
 *   seed ──▶ schedule of 4,096 frozen calls ──▶ nextCall(): the next of them, round and round
 */
import type { Corpus, CorpusFile } from './corpus.ts';

/** What goes to `run()`. */
export interface DemoCall {
  /** 'guest.function' */
  readonly function: string;
  readonly args: readonly [Uint8Array<ArrayBuffer>];
}

export interface Mix {
  /** O(1), no allocation: calls are shared and frozen. */
  nextCall(): DemoCall;
  /** The whole schedule, for whoever wants to describe it. */
  readonly schedule: readonly DemoCall[];
}

/** From hot to rare, the way content is hashed in practice: fast checksums often, the heavy and odd seldom. */
export const rankedFunctions: readonly string[] = Object.freeze([
  'xxh64.digest',
  'md5.digest',
  'crc32.digest',
  'sha256.digest',
  'text.count',
  'xxhash64.digest',
  'sha1.digest',
  'blake3.digest',
  'sha512.digest',
  'blake2b.digest',
  'sha3.digest',
  'blake2s.digest',
  'ripemd160.digest',
  'sm3.digest',
  'whirlpool.digest',
]);

export const lexFraction = 1 / 7;
/** A power of two. */
const scheduleLength = 4096;

/** The same corpus and seed give the same calls. */
export function createMix(corpus: Corpus, seed: number): Mix {
  const random = seeded(seed);
  const draw = (files: readonly CorpusFile[]): CorpusFile => {
    const file = files[Math.floor(random() * files.length)];
    if (file === undefined) throw new RangeError('mix: expected a corpus with files and scripts, got an empty one');
    return file;
  };
  const schedule = Array.from({ length: scheduleLength }, (): DemoCall => {
    const lex = random() < lexFraction;
    const name = lex ? 'lexer.lex' : zipf(rankedFunctions, random());
    const file = draw(lex ? corpus.scripts : corpus.files);
    return Object.freeze({ function: name, args: Object.freeze([file.bytes] as const) });
  });
  let next = 0;
  return {
    schedule,
    nextCall() {
      const call = schedule[next] as DemoCall;
      next = (next + 1) & (scheduleLength - 1);
      return call;
    },
  };
}

/** The name whose share of Σ 1/r covers `u` in [0, 1). */
function zipf(ranked: readonly string[], u: number): string {
  const weights = ranked.map((_, index) => 1 / (index + 1));
  let left = u * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return ranked[index === -1 ? ranked.length - 1 : index] as string;
}

/** Uniform in [0, 1). @see Tommy Ettinger, mulberry32 */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
