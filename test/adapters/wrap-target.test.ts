import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { buildPool } from './pools.ts';

const anything = wrap as unknown as (target: unknown, options?: unknown) => unknown;

describe('wrap() of something else', () => {
  it.each([
    ['undefined', undefined, 'undefined'],
    ['a number', 7, '7'],
    ['a string', 'pool', '"pool"'],
    ['an array', [], 'Array: it has no run()'],
    ['an object with only run()', { run() {} }, 'Object: it has no close(). Anything else is wrapped by a function'],
    ['a map', new Map(), 'Map: it has no run()'],
    ['an object of no class', Object.create(null), 'an object: it has no run()'],
    [
      'a proxy of a pool that hides its fields',
      new Proxy(buildPool({ minThreads: 0 }), {}),
      'Piscina: it cannot be read',
    ],
    ['a wrapped executor', wrap(async () => 1), 'an executor, which is measured already'],
  ])('wrap() refuses %s, saying what was expected and what came', (_, target, got) => {
    const refused = () => anything(target);
    expect(refused).toThrow('expected a piscina pool, { piscina: options }, or an async function');
    expect(refused).toThrow(got);
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_TARGET' }));
  });

  it.each([
    ['an unknown option', { concurency: 4 }, "no option 'concurency'"],
    ['an empty name', { name: '' }, 'name: expected a non-empty string, got ""'],
    ['a load that is neither', { load: 'ajar' }, "load: expected one of 'open', 'closed', got \"ajar\""],
    ['no concurrency at all', { concurrency: 0 }, 'concurrency.value: expected an integer of at least 1, got 0'],
    ['a concurrency below its min', { concurrency: { value: 2, min: 3 } }, 'concurrency.min'],
    ['a concurrency without numbers', { concurrency: {} }, 'concurrency: expected a value, a max, or both'],
    ['a concurrency that is a word', { concurrency: 'all' }, 'concurrency: expected a number or { value, min, max }'],
    ['half a queue', { maxQueue: 0.5 }, 'maxQueue: expected an integer of at least 0, got 0.5'],
    ['an empty batch', { batch: { size: 0 } }, 'batch.size: expected an integer of at least 1, got 0'],
    ['a batch above its max', { batch: { size: 8, max: 4 } }, 'batch.max'],
    ['a batch that waits backwards', { batch: { size: 8, lingerMs: -1 } }, 'batch.lingerMs'],
    ['no object', null, 'expected an object of options, got null'],
  ])('wrap() of a function refuses %s', (_, options, message) => {
    const refused = () => anything(async () => 1, options);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION' }));
  });
});
