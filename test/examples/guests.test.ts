import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'es-module-lexer/js';
import fc from 'fast-check';
import * as hashWasm from 'hash-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { type Algorithm, bindAlgorithm, recipes } from '../../examples/demo/guests/hash-wasm.ts';
import { bind as bindLexer } from '../../examples/demo/guests/lexer.ts';
import { bind as bindText } from '../../examples/demo/guests/text.ts';
import { bind as bindXxhash } from '../../examples/demo/guests/xxhash.ts';
import {
  type Corpus,
  demoGuests,
  isVerifiable,
  loadCorpus,
  rankedFunctions,
  verify,
} from '../../examples/demo/workload.ts';

const guests = demoGuests();

function instanceOf(name: string): WebAssembly.Exports {
  const guest = guests[name];
  if (!guest) throw new Error(`no guest ${name}`);
  return new WebAssembly.Instance(new WebAssembly.Module(guest.module)).exports;
}

/** Around every boundary a binding has: empty, the 16 KiB buffer, one page, several pages. */
const sizes = [0, 1, 63, 64, 65, 16_383, 16_384, 16_385, 32_768, 65_448, 65_449, 65_535, 65_536, 65_537, 200_003];

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 131 + (i >> 8) * 7) & 0xff);
}

/** hash-wasm's own JavaScript around the same modules: another binding. */
const ownApi: Record<Algorithm, (data: Uint8Array) => Promise<string>> = {
  md5: hashWasm.md5,
  sha1: hashWasm.sha1,
  sha256: hashWasm.sha256,
  sha512: hashWasm.sha512,
  sha3: (data) => hashWasm.sha3(data, 512),
  blake2b: (data) => hashWasm.blake2b(data, 512),
  blake2s: (data) => hashWasm.blake2s(data, 256),
  blake3: (data) => hashWasm.blake3(data, 256),
  ripemd160: hashWasm.ripemd160,
  whirlpool: hashWasm.whirlpool,
  sm3: hashWasm.sm3,
  crc32: (data) => hashWasm.crc32(data),
  xxhash64: (data) => hashWasm.xxhash64(data),
};

let corpus: Corpus;
beforeAll(async () => {
  corpus = await loadCorpus({ maxFiles: 400 });
});

describe('the guests', () => {
  it("the demo's guests are real modules without imports", () => {
    for (const [name, guest] of Object.entries(guests)) {
      expect(WebAssembly.Module.imports(new WebAssembly.Module(guest.module)), name).toEqual([]);
    }
  });

  it("the demo's guests are exactly those the mix calls, and the lexer", () => {
    const offered = Object.entries(guests).flatMap(([name, { functions }]) => functions.map((one) => `${name}.${one}`));
    expect(offered.toSorted()).toEqual([...rankedFunctions, 'lexer.lex'].toSorted());
  });

  it("the demo's guests load in plain Node by their binding URL, which says which algorithm", () => {
    const program = `
      import { demoGuests } from ${JSON.stringify(new URL('../../examples/demo/guests/catalogue.ts', import.meta.url).href)};
      const out = {};
      for (const [name, { module, binding, functions }] of Object.entries(demoGuests())) {
        const { bind } = await import(binding.href);
        const bound = bind(new WebAssembly.Instance(new WebAssembly.Module(module)).exports);
        out[name + '.' + functions[0]] = bound[functions[0]](new TextEncoder().encode('export const a = 1;\\n'));
      }
      console.log(JSON.stringify(out));`;
    const text = execFileSync(
      process.execPath,
      ['--conditions=sandtune-source', '--input-type=module', '--eval', program],
      { encoding: 'utf8' },
    );
    const results = JSON.parse(text) as Record<string, unknown>;
    const args = [new TextEncoder().encode('export const a = 1;\n')] as const;
    for (const [name, result] of Object.entries(results))
      expect(verify({ function: name, args }, result), name).toBeNull();
    expect(new Set(Object.values(results).map((one) => JSON.stringify(one))).size).toBe(Object.keys(guests).length - 1); // both xxHash64 agree
    expect(results['xxhash64.digest']).toBe(results['xxh64.digest']);
  });
});

describe.each(Object.keys(recipes) as Algorithm[])('%s', (name) => {
  it("a hash guest gives hash-wasm's own digest at every size around its buffer", async () => {
    const guest = bindAlgorithm(instanceOf(name), name);
    for (const size of sizes) {
      const data = bytesOf(size);
      expect(guest.digest(data), `${size} bytes`).toBe(await ownApi[name](data));
    }
  });

  it('a hash guest gives the digest of real files, one instance after another call', async () => {
    const guest = bindAlgorithm(instanceOf(name), name);
    for (const file of corpus.files.slice(0, 60)) {
      const digest = guest.digest(file.bytes);
      expect(digest, file.path).toBe(await ownApi[name](file.bytes));
      expect(verify({ function: `${name}.digest`, args: [file.bytes] }, digest)).toBeNull();
    }
  });
});

describe('xxh64', () => {
  it("the guest xxh64 gives xxhash-wasm's own digest at every size around its page", async () => {
    const guest = bindXxhash(instanceOf('xxh64'));
    const own = await xxhash();
    for (const size of [...sizes, ...sizes.toReversed()]) {
      const data = bytesOf(size);
      expect(guest.digest(data), `${size} bytes`).toBe(own.h64Raw(data).toString(16).padStart(16, '0'));
    }
  });
});

describe('lexer', () => {
  it('the guest lexer counts what es-module-lexer itself finds in every script of the corpus', () => {
    const guest = bindLexer(instanceOf('lexer'));
    let exportCount = 0;
    for (const { bytes, path } of corpus.scripts) {
      const found = guest.lex(bytes);
      exportCount += found.exports;
      expect(verify({ function: 'lexer.lex', args: [bytes] }, found), path).toBeNull();
    }
    expect(exportCount).toBeGreaterThan(100);
  });

  it('the guest lexer grows its memory for a long source and goes on with a short one', () => {
    const guest = bindLexer(instanceOf('lexer'));
    const lex = (text: string) => guest.lex(new TextEncoder().encode(text));
    const line = "import { a } from 'ä';\nexport { a as b };\n";
    expect(lex(line)).toEqual({ imports: 1, exports: 1, errorAt: -1 });
    expect(lex(line.replace('b', 'c').repeat(20_000))).toEqual({ imports: 20_000, exports: 20_000, errorAt: -1 });
    expect(lex('')).toEqual({ imports: 0, exports: 0, errorAt: -1 });
  });

  it('the guest lexer says where a source that is not JavaScript stops making sense', () => {
    const source = 'export const a = 1;\nimport { from "x';
    let own: unknown;
    try {
      parse(source);
    } catch (error) {
      own = (error as { idx: number }).idx;
    }
    const found = bindLexer(instanceOf('lexer')).lex(new TextEncoder().encode(source));
    expect(own).toBeTypeOf('number');
    expect(found).toEqual({ imports: 0, exports: 0, errorAt: own });
  });
});

describe('text', () => {
  it('the guest text counts lines, words and the longest line of any text as a loop in JavaScript does', () => {
    const guest = bindText(instanceOf('text'));
    const byte = fc.constantFrom(10, 32, 9, 13, 11, 12, 8, 14, 97, 0, 128, 255);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(byte, { maxLength: 100 }), (any, likely) => {
        const text = Uint8Array.from([...any, ...likely]);
        expect(verify({ function: 'text.count', args: [text] }, guest.count(text))).toBeNull();
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('the guest text counts texts longer than its page, whatever falls on the border', () => {
    const guest = bindText(instanceOf('text'));
    for (const size of [65_535, 65_536, 65_537, 150_000]) {
      for (const filler of ['word ', 'a'.repeat(70_000), 'line\n', '\n']) {
        const text = new TextEncoder().encode(filler.repeat(Math.ceil(size / filler.length)).slice(0, size));
        expect(
          verify({ function: 'text.count', args: [text] }, guest.count(text)),
          `${size} of ${filler.slice(0, 8)}`,
        ).toBeNull();
      }
    }
  });

  it('the guest text agrees with `wc -l -w` on a real file', () => {
    const file = new URL('../../package.json', import.meta.url);
    const [lines, words] = execFileSync('wc', ['-l', '-w', file.pathname], { encoding: 'utf8', env: { LC_ALL: 'C' } })
      .trim()
      .split(/\s+/);
    expect(bindText(instanceOf('text')).count(readFileSync(file))).toMatchObject({
      lines: Number(lines),
      words: Number(words),
    });
  });

  it('the guest text is what its committed source builds to', async () => {
    const folder = new URL('../../examples/demo/guests/text/', import.meta.url);
    const { default: createWabt } = await import('wabt');
    const wabt = await createWabt();
    const { buffer } = wabt.parseWat('text.wat', readFileSync(new URL('text.wat', folder), 'utf8')).toBinary({});
    expect(Buffer.from(buffer).equals(readFileSync(new URL('text.wasm', folder)))).toBe(true);
  });
});

describe('verify', () => {
  it('verify finds a wrong digest, a wrong count and a missing result', () => {
    const args = [new TextEncoder().encode('import "a";\n')] as const;
    const right = createHash('sha256').update(args[0]).digest('hex');
    expect(verify({ function: 'sha256.digest', args }, right)).toBeNull();
    expect(
      verify(
        { function: 'sha256.digest', args },
        right.replace(/^./, (c) => (c === '0' ? '1' : '0')),
      ),
    ).toMatch(/^sha256\.digest of 12 bytes: expected "/);
    expect(verify({ function: 'crc32.digest', args }, undefined)).toMatch(/^crc32\.digest/);
    expect(verify({ function: 'text.count', args }, { lines: 1, words: 2, longest: 12 })).toMatch(/"longest":11/);
    expect(verify({ function: 'lexer.lex', args }, { imports: 0, exports: 0, errorAt: -1 })).toMatch(/"imports":1/);
  });

  it('verify knows which guests it can check: all but blake3, whirlpool and the two xxHashes', () => {
    const args = [new Uint8Array(1)] as const;
    const names = [...rankedFunctions, 'lexer.lex'].filter((name) => !isVerifiable({ function: name, args }));
    expect(names.toSorted()).toEqual(['blake3.digest', 'whirlpool.digest', 'xxh64.digest', 'xxhash64.digest']);
  });
});
