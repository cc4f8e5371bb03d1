import { expect, it } from 'vitest';
import { processWide } from '../../src/foundation/process-wide.ts';

it('two copies of the package share one value of a key', async () => {
  // Another query makes the loader load the file a second time, as a second copy of the package is.
  const url = new URL('../../src/foundation/process-wide.ts?copy', import.meta.url).href;
  const copy = (await import(/* @vite-ignore */ url)) as typeof import('../../src/foundation/process-wide.ts');
  expect(copy.processWide).not.toBe(processWide);
  const first = processWide('test', () => new Map());
  expect(copy.processWide('test', () => new Map())).toBe(first);
  expect(processWide('another test', () => new Map())).not.toBe(first);
});
