/**
 * Is a result right? Computed a second time by something that shares no code with the guest:
 * OpenSSL (node:crypto), zlib, es-module-lexer's asm.js build, a plain loop for the text counter.
 * A fast wrong answer fails the run.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { parse } from 'es-module-lexer/js';
import type { DemoCall } from './mix.ts';

/** Guest → OpenSSL's name of the same digest. */
const openssl: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha256',
  sha512: 'sha512',
  sha3: 'sha3-512',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
  ripemd160: 'ripemd160',
  sm3: 'sm3',
};

const decoder = new TextDecoder();

type Reference = (data: Uint8Array) => unknown;

const references: ReadonlyMap<string, Reference> = new Map<string, Reference>([
  ...Object.entries(openssl)
    // Node may be built against an OpenSSL without the older ones.
    .filter(([, name]) => inThisBuild(name))
    .map(([guest, name]): [string, Reference] => [
      `${guest}.digest`,
      (data) => createHash(name).update(data).digest('hex'),
    ]),
  ['crc32.digest', (data) => crc32(data).toString(16).padStart(8, '0')],
  ['text.count', countText],
  ['lexer.lex', lexCounts],
]);

/** False for guests nothing on this machine can check at run time (blake3, whirlpool, xxHash): tests do. */
export function isVerifiable(call: DemoCall): boolean {
  return references.has(call.function);
}

/**
 * @returns null when the result is right or cannot be checked (`isVerifiable`), else what was expected and what came.
 * Costs about as much as the call itself: check a sample
 */
export function verify(call: DemoCall, result: unknown): string | null {
  const reference = references.get(call.function);
  if (reference === undefined) return null;
  const expected = JSON.stringify(reference(call.args[0]));
  const got = JSON.stringify(result);
  return expected === got ? null : `${call.function} of ${call.args[0].length} bytes: expected ${expected}, got ${got}`;
}

function inThisBuild(name: string): boolean {
  try {
    createHash(name);
    return true;
  } catch {
    return false;
  }
}

function lexCounts(source: Uint8Array): unknown {
  try {
    const [imports, exports] = parse(decoder.decode(source));
    return { imports: imports.length, exports: exports.length, errorAt: -1 };
  } catch (error) {
    return { imports: 0, exports: 0, errorAt: (error as { idx?: number }).idx ?? null };
  }
}

function countText(text: Uint8Array): unknown {
  let lines = 0;
  let words = 0;
  let longest = 0;
  let length = 0;
  let inWord = false;
  for (const byte of text) {
    const space = byte === 32 || (byte >= 9 && byte <= 13);
    if (!space && !inWord) words++;
    inWord = !space;
    if (byte === 10) {
      lines++;
      length = 0;
    } else longest = Math.max(longest, ++length);
  }
  return { lines, words, longest };
}
