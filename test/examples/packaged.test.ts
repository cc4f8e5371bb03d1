import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packagedModule } from '../../examples/demo/guests/packaged.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-packaged-'));
afterAll(() => rmSync(folder, { recursive: true }));

function packageFile(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

const empty = [0, 97, 115, 109, 1, 0, 0, 0];
const base64 = Buffer.from(empty).toString('base64');

describe('packagedModule', () => {
  it('packagedModule reads a module embedded as base64 or as a list of bytes', () => {
    expect([...packagedModule(packageFile('a.cjs', `const w = "${base64}";`), [])]).toEqual(empty);
    expect([...packagedModule(packageFile('b.cjs', `const w = new Uint8Array([${empty.join()}]);`), [])]).toEqual(
      empty,
    );
  });

  it.each([
    ['the package is not installed', 'no-such-package/x.js', [], /no-such-package\/x\.js is not installed; run npm ci/],
    [
      'there is no module in the file',
      packageFile('c.cjs', 'const w = 1;'),
      [],
      /expected one embedded WebAssembly module, found 0/,
    ],
    ['there are two', packageFile('d.cjs', `["${base64}", "${base64}"]`), [], /found 2/],
    [
      'the bytes are not valid',
      packageFile('e.cjs', `"${Buffer.from([...empty.slice(0, 4), 9, 0, 0, 0]).toString('base64')}"`),
      [],
      /expected a valid WebAssembly module, got 8 bytes/,
    ],
    [
      'an export the binding calls is gone',
      packageFile('f.cjs', `"${base64}"`),
      ['memory', 'parse'],
      /expected a module that exports memory, parse/,
    ],
  ])('packagedModule says what it expected when %s', (_, path, wanted, message) => {
    expect(() => packagedModule(path, wanted)).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_INPUT', message: expect.stringMatching(message) }),
    );
  });
});
