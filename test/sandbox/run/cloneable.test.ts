import { expect, it } from 'vitest';
import { compact, postable } from '../../../src/sandbox/run/cloneable.ts';

it('postable passes plain values as they are', () => {
  for (const value of [1, 1n, 'a', undefined, null, true, [1, { a: [2] }], { a: null }])
    expect(postable(value)).toBe(value);
});

it('postable copies the part a view shows, not the memory behind it', () => {
  const memory = new Uint8Array(65_536).fill(7);
  const posted = postable(memory.subarray(10, 20)) as Uint8Array;
  expect(posted.buffer.byteLength).toBe(10);
  expect(posted).toEqual(new Uint8Array(10).fill(7));
  expect(compact(new Float64Array(memory.buffer, 8, 2)).buffer.byteLength).toBe(16);
  expect(compact(new DataView(memory.buffer, 8, 2)).buffer.byteLength).toBe(2);
  expect(compact(Buffer.from('pooled')).buffer.byteLength).toBe(6);
});

it('postable copies the part whatever the view says of itself', () => {
  const memory = new Uint8Array(65_536).fill(7);
  for (const length of [0, 65_536]) {
    const lying = Object.defineProperty(memory.subarray(10, 20), 'byteLength', { value: length });
    expect((postable(lying) as Uint8Array).buffer.byteLength).toBe(10);
    const view = Object.defineProperty(new DataView(memory.buffer, 8, 2), 'byteLength', { value: length });
    expect(new Uint8Array((postable(view) as DataView).buffer)).toEqual(Uint8Array.of(7, 7));
  }
});

it('postable clones what is cloneable but not plain, cycles included', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const posted = postable(cyclic) as typeof cyclic;
  expect(posted.self).toBe(posted);
  expect(postable(new Map([[1, 2]]))).toEqual(new Map([[1, 2]]));
});

it('postable throws for what cannot be cloned, wherever it is', () => {
  for (const value of [() => 1, Symbol('s'), { a: () => 1 }, [[{ a: Symbol('s') }]]]) {
    expect(() => postable(value)).toThrow(/clone/);
  }
});

it('postable says of a promise that a function must be synchronous, and leaves its rejection unheard', async () => {
  const heard: unknown[] = [];
  const hear = (reason: unknown) => heard.push(reason);
  process.on('unhandledRejection', hear);
  try {
    expect(() => postable(Promise.reject(new Error('late')))).toThrow(/a promise; .* must be synchronous/);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', hear);
  }
  expect(heard).toEqual([]);
});
