import { expect, it } from 'vitest';
import { quoted } from '../../src/foundation/options.ts';

it('quoted shows values as a user would recognise them, at most 80 characters', () => {
  expect(quoted('a')).toBe('"a"');
  expect(quoted({ a: [1] })).toBe('{"a":[1]}');
  expect(quoted('x'.repeat(1000))).toHaveLength(80);
});

it('quoted does not write out what it would only cut', () => {
  expect(quoted(Buffer.alloc(1e6))).toBe('Buffer of 1000000 bytes');
  expect(quoted(new Float64Array(4))).toBe('Float64Array of 32 bytes');
  let read = 0;
  const counted = { toJSON: () => ++read };
  expect(quoted(Array.from({ length: 1e5 }, () => counted))).toHaveLength(80);
  expect(read).toBeLessThan(100);
});

it('quoted shows a value that cannot be read as just that', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(quoted(proxy)).toBe('an object that cannot be shown');
});
