import { MessageChannel } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { cloneError, compact, postable, sendable } from '../../../src/sandbox/run/cloneable.ts';

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

it('refuses a port, also one that was closed, wherever it is: to clone it would end the process', () => {
  const { port1 } = new MessageChannel();
  port1.close();
  for (const value of [port1, [port1], { a: { port1 } }, new Map([[{ port1 }, 1]]), new Set([port1])])
    for (const refusing of [postable, sendable, (one: unknown) => structuredCloneError(one)])
      expect(() => refusing(value)).toThrow(/MessagePort/);
  const many = Array.from({ length: 5000 }, (_, index) => index);
  const named = [
    Object.assign([1], { port1 }),
    Object.assign(many, { port1 }),
    Object.assign([], { length: 9, port1 }),
  ];
  for (const value of [
    ...named,
    {
      get p() {
        return port1;
      },
    },
  ])
    expect(() => sendable(value)).toThrow(/MessagePort/);
  const cyclic: unknown[] = [new Error('a', { cause: { port1 } })];
  cyclic.unshift(cyclic);
  expect(() => sendable(cyclic)).toThrow(/MessagePort/);
});

it('sends what has no port as it is, circles and arrays of holes too', () => {
  const cyclic: unknown[] = [
    new Map([[1, new Set([{ a: new Error('b') }])]]),
    Object.assign([], { length: 4_000_000_000 }),
  ];
  cyclic.push(cyclic, { cyclic });
  expect(sendable(cyclic)).toBe(cyclic);
});

function structuredCloneError(value: unknown): never {
  throw cloneError([value]);
}
