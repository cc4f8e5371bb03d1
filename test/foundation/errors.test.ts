import { expect, it } from 'vitest';
import { messageOf } from '../../src/foundation/errors.ts';

it('messageOf has a text for whatever was thrown', () => {
  expect(messageOf(new Error('so'))).toBe('so');
  expect(messageOf('so')).toBe('so');
  expect(messageOf(Object.create(null))).toBe('a value without text');
  const getPrototypeOf = () => {
    throw new Error('not to be read');
  };
  expect(messageOf(new Proxy({}, { getPrototypeOf }))).toBe('a value without text');
});
