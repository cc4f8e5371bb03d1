/**
 * WebAssembly modules that ship inside npm packages, unchanged. The packages embed their bytes in
 * JavaScript; here they are read out of the installed files, never copied into this repository.
 *
 *   package file ──▶ the one literal that begins with "\0asm" ──▶ bytes ──▶ valid, with the exports we call
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inputError } from '../input/input-error.ts';

const require = createRequire(import.meta.url);

/** Base64 of "\0asm…", or the same as a list of decimal bytes. */
const literals = /AGFzbQ[A-Za-z0-9+/]+={0,2}|\[0,97,115,109(?:,\d{1,3})+\]/g;

/**
 * @param specifier a file of an installed package, as `require.resolve` takes it
 * @param wanted exports the binding calls
 * @throws when the file is missing, does not hold exactly one module, or the module lacks an export:
 * the installed version is another one than this was written for
 */
export function packagedModule(specifier: string, wanted: readonly string[]): Uint8Array<ArrayBuffer> {
  const found = readInstalled(specifier).match(literals) ?? [];
  const [literal] = found;
  if (literal === undefined || found.length !== 1) {
    throw changed(specifier, `one embedded WebAssembly module, found ${found.length}`);
  }
  const bytes = literal.startsWith('[')
    ? Uint8Array.from(JSON.parse(literal) as number[])
    : new Uint8Array(Buffer.from(literal, 'base64'));
  if (!WebAssembly.validate(bytes))
    throw changed(specifier, `a valid WebAssembly module, got ${bytes.length} bytes that are not`);
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
  const missing = wanted.filter((name) => !exported.includes(name));
  if (missing.length > 0)
    throw changed(specifier, `a module that exports ${missing.join(', ')}, got only ${exported.join(', ')}`);
  return bytes;
}

function readInstalled(specifier: string): string {
  try {
    return readFileSync(require.resolve(specifier), 'utf8');
  } catch (cause) {
    throw inputError(`${specifier} is not installed; run npm ci`, cause);
  }
}

function changed(specifier: string, expected: string): Error {
  return inputError(
    `${specifier}: expected ${expected}. The installed version is not the one in package-lock.json; run npm ci`,
  );
}
