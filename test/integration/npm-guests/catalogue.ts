/**
 * Guests as they come from npm, of all kinds of tools, each with a binding of a few lines and calls whose right
 * answers come from elsewhere.
 */
import { argon2Sync, createCipheriv, createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { gunzipSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import type { WasiResult } from '../../../src/bindings/wasi/wasi.ts';
import type { GuestOptions } from '../../../src/sandbox/guest-options.ts';

export interface NpmGuest {
  readonly guest: GuestOptions;
  /** Calls the guest's functions; what it gives is compared with `expected`. */
  readonly ask: (call: (name: string, ...args: unknown[]) => Promise<unknown>) => Promise<unknown>;
  readonly expected: unknown;
}

const { resolve } = createRequire(import.meta.url);
const file = (specifier: string) => pathToFileURL(resolve(specifier));
const binding = (name: string) => new URL(`./bindings/${name}.mjs`, import.meta.url);

const text = Buffer.from('the quick brown fox jumps over the lazy dog; '.repeat(200));
const key = Buffer.alloc(32, 7);
const nonce = Buffer.alloc(12, 9);
const pixels = new Uint8Array(4 * 4 * 4).map((_, index) => index * 3);

export const npmGuests: Readonly<Record<string, NpmGuest>> = {
  'lz4-wasm (wasm-bindgen, bundler)': {
    guest: {
      module: file('lz4-wasm/lz4_wasm_bg.wasm'),
      binding: binding('lz4-bundler'),
      functions: ['compress', 'decompress'],
      allowImports: { './lz4_wasm_bg.js': '*' },
    },
    ask: async (call) => Buffer.from((await call('decompress', await call('compress', text))) as Uint8Array).toString(),
    expected: text.toString(),
  },
  'lz4-wasm-nodejs (wasm-bindgen, nodejs)': {
    guest: {
      module: file('lz4-wasm-nodejs/lz4_wasm_nodejs_bg.wasm'),
      binding: binding('lz4-nodejs'),
      functions: ['compress', 'decompress'],
      allowImports: { __wbindgen_placeholder__: '*' },
    },
    ask: async (call) => Buffer.from((await call('decompress', await call('compress', text))) as Uint8Array).toString(),
    expected: text.toString(),
  },
  'wasm-flate (wasm-bindgen, nodejs, of 2019)': {
    guest: {
      module: file('wasm-flate/wasm_flate_bg.wasm'),
      binding: binding('flate'),
      functions: ['deflate_encode_raw', 'gzip_encode_raw'],
    },
    ask: async (call) => [
      inflateRawSync((await call('deflate_encode_raw', text)) as Uint8Array).toString(),
      gunzipSync((await call('gzip_encode_raw', text)) as Uint8Array).toString(),
    ],
    expected: [text.toString(), text.toString()],
  },
  '@jsquash/png (wasm-bindgen, web)': {
    guest: {
      module: file('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'),
      binding: binding('png'),
      functions: ['encode'],
      allowImports: { wbg: '*' },
    },
    ask: async (call) => {
      const png = Buffer.from((await call('encode', new Uint8ClampedArray(pixels), 4, 4, 8)) as Uint8Array);
      return [png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)];
    },
    expected: ['PNG', 4, 4],
  },
  '@css-inline/css-inline-wasm (wasm-bindgen, behind a library)': {
    guest: {
      module: file('@css-inline/css-inline-wasm/index_bg.wasm'),
      binding: binding('css-inline'),
      functions: ['inline'],
      allowImports: { './index_bg.js': '*' },
    },
    ask: (call) => call('inline', '<html><head><style>p { color: red }</style></head><body><p>x</p></body></html>'),
    expected: '<html><head></head><body><p style="color: red;">x</p></body></html>',
  },
  '@jsquash/qoi (Emscripten, ES module)': {
    guest: {
      module: file('@jsquash/qoi/codec/enc/qoi_enc.wasm'),
      binding: binding('qoi'),
      functions: ['encode'],
      allowImports: { a: '*' },
    },
    ask: async (call) => {
      const qoi = Buffer.from((await call('encode', pixels, 4, 4)) as Uint8Array);
      return [qoi.toString('latin1', 0, 4), qoi.readUInt32BE(4), qoi.readUInt32BE(8), qoi.readUInt32BE(qoi.length - 4)];
    },
    expected: ['qoif', 4, 4, 1],
  },
  'yoga-wasm-web (Emscripten, behind a library)': {
    guest: {
      module: file('yoga-wasm-web/dist/yoga.wasm'),
      binding: binding('yoga'),
      functions: ['widths'],
      allowImports: { a: '*' },
    },
    ask: (call) => call('widths', 300, [1, 2, 3]),
    expected: [50, 100, 150],
  },
  '@bokuweb/zstd-wasm (Emscripten, CommonJS without a factory)': {
    guest: {
      module: new URL('./zstd.wasm', file('@bokuweb/zstd-wasm')),
      binding: binding('zstd'),
      functions: ['compress', 'decompress'],
      allowImports: { a: '*' },
    },
    ask: async (call) => zstdDecompressSync((await call('compress', text, 3)) as Uint8Array).toString(),
    expected: text.toString(),
  },
  'argon2-browser (Emscripten, begins by itself)': {
    guest: {
      module: file('argon2-browser/dist/argon2.wasm'),
      binding: binding('argon2'),
      functions: ['hash'],
      allowImports: { a: '*' },
    },
    ask: async (call) =>
      Buffer.from((await call('hash', Buffer.from('password'), nonce, 2, 64, 32)) as Uint8Array).toString('hex'),
    expected: argon2Sync('argon2id', {
      message: 'password',
      nonce,
      parallelism: 1,
      tagLength: 32,
      memory: 64,
      passes: 2,
    }).toString('hex'),
  },
  'vscode-oniguruma (Emscripten, behind a library)': {
    guest: {
      module: file('vscode-oniguruma/release/onig.wasm'),
      binding: binding('onig'),
      functions: ['search'],
      allowImports: { env: '*', wasi_snapshot_preview1: '*' },
    },
    ask: (call) => call('search', '(?<year>\\d{4})-(?<month>\\d\\d)', 'on 2026-11-26'),
    expected: ['2026-11', '2026', '11'],
  },
  '@chainsafe/as-chacha20poly1305 (AssemblyScript, with glue)': {
    guest: {
      module: file('@chainsafe/as-chacha20poly1305/build/optimized.wasm'),
      binding: binding('chacha'),
      functions: ['seal'],
      allowImports: { env: '*' },
    },
    ask: async (call) =>
      Buffer.from((await call('seal', key, nonce, text.subarray(0, 1000), key)) as Uint8Array).toString('hex'),
    expected: chacha(text.subarray(0, 1000)),
  },
  '@chainsafe/as-sha256 (AssemblyScript, without glue)': {
    guest: {
      module: new URL('../build/optimized.wasm', pathToFileURL(resolve('@chainsafe/as-sha256'))),
      binding: binding('sha256'),
      functions: ['digest'],
      allowImports: { env: ['abort'] },
    },
    ask: async (call) => Buffer.from((await call('digest', text)) as Uint8Array).toString('hex'),
    expected: createHash('sha256').update(text).digest('hex'),
  },
  '@wasmer/wasi, pipe_reverse (WASI command, of C)': {
    guest: {
      module: file('@wasmer/wasi/tests/pipe_reverse.wasm'),
      binding: binding('wasi'),
      functions: ['run'],
      allowImports: { wasi_snapshot_preview1: '*' },
      instance: 'per-call',
    },
    ask: (call) => call('run', { stdin: 'drawkcab' }),
    expected: { exitCode: 0, stdout: 'backward\n', stderr: '' },
  },
  '@wasmer/wasi, envvar (WASI command, of Rust)': {
    guest: {
      module: file('@wasmer/wasi/tests/envvar.wasm'),
      binding: binding('wasi'),
      functions: ['run'],
      allowImports: { wasi_snapshot_preview1: '*' },
      instance: 'per-call',
    },
    ask: async (call) => ((await call('run', { env: { DOG: 'X' } })) as WasiResult).stdout,
    expected: 'Env vars:\nDOG=X\nDOG Ok("X")\nDOG_TYPE Err(NotPresent)\nSET VAR Ok("HELLO")\n',
  },
  'quickjs-wasi (WASI reactor, behind a library)': {
    guest: {
      module: file('quickjs-wasi/quickjs.wasm'),
      binding: binding('quickjs'),
      functions: ['evaluate'],
      allowImports: { env: '*', wasi_snapshot_preview1: '*' },
    },
    ask: (call) => call('evaluate', '[1, 2, 3].map((n) => n ** 2).reduce((a, b) => a + b)'),
    expected: 14,
  },
  'source-map (Rust without a tool, behind a library)': {
    guest: {
      module: new URL('./lib/mappings.wasm', file('source-map/package.json')),
      binding: binding('source-map'),
      functions: ['original'],
      allowImports: { env: '*' },
    },
    ask: (call) => call('original', 2, 4),
    expected: { source: 'a.js', line: 2, column: 4, name: null },
  },
};

function chacha(plain: Uint8Array): string {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  cipher.setAAD(key, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('hex');
}
