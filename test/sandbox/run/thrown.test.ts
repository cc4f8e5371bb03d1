import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reviveThrown } from '../../../src/sandbox/run/revive-thrown.ts';
import { describeThrown } from '../../../src/sandbox/run/thrown.ts';

/** What the host gets of it. */
function across(thrown: unknown): unknown {
  return reviveThrown(structuredClone(describeThrown(thrown)));
}

function bytesOf(thrown: unknown): number {
  return Buffer.byteLength(JSON.stringify(describeThrown(thrown)));
}

describe('what was thrown in a worker', () => {
  it('an error crosses as an error of its class with message, stack, cause and own properties', () => {
    const error = Object.assign(new RangeError('too far', { cause: new TypeError('line 7') }), {
      code: 'E_FAR',
      errno: -2,
      at: { line: 7, columns: [1, 2] },
    });
    const got = across(error) as typeof error;
    expect(got).toBeInstanceOf(RangeError);
    expect(got).toMatchObject({ message: 'too far', code: 'E_FAR', errno: -2, at: { line: 7, columns: [1, 2] } });
    expect(got.stack).toBe(error.stack);
    expect(got.cause).toBeInstanceOf(TypeError);
    expect(got.cause).toMatchObject({ message: 'line 7' });
    expect(Object.keys(got)).toEqual(['code', 'errno', 'at']);
  });

  it('the code of an error crosses also where it is not listed, cannot be changed, or is a getter of its class', () => {
    class Coded extends Error {
      get code(): string {
        return 'E_CLASS';
      }
    }
    const hidden = Object.defineProperty(new Error('hidden'), 'code', { value: 'E_HIDDEN' });
    const codes = [hidden, new Coded('of a class'), new DOMException('gone', 'AbortError'), new Error('none')].map(
      (error) => (across(error) as { code?: unknown }).code,
    );
    expect(codes).toEqual(['E_HIDDEN', 'E_CLASS', 20, undefined]);
  });

  it('the errors of an AggregateError and the name of a class of its own cross', () => {
    class ParseFault extends Error {
      override readonly name = 'ParseFault';
    }
    const got = across(new AggregateError([new ParseFault('one'), 2], 'both')) as AggregateError;
    expect(got).toBeInstanceOf(Error);
    expect(got.name).toBe('AggregateError');
    expect(got.errors).toMatchObject([{ name: 'ParseFault', message: 'one' }, 2]);
  });

  it('a trap of WebAssembly crosses as a RuntimeError', () => {
    expect(across(new WebAssembly.RuntimeError('unreachable'))).toBeInstanceOf(WebAssembly.RuntimeError);
  });

  it('an exception of the guest crosses as an error with its tag and values, where the guest exports the tag', () => {
    const { Tag, Exception } = WebAssembly as unknown as Record<
      'Tag' | 'Exception',
      new (
        ...args: unknown[]
      ) => object
    >;
    const tag = new Tag({ parameters: ['i32', 'i64', 'externref'] });
    const exception = new Exception(tag, [7, 8n, { code: 'E_IN' }]);
    const exports = { other: new Tag({ parameters: [] }), oops: tag };
    expect(reviveThrown(structuredClone(describeThrown(exception, 0, exports)))).toMatchObject({
      name: 'WebAssembly.Exception',
      message: 'an exception of its tag "oops", which nothing caught',
      tag: 'oops',
      values: [7, 8n, { code: 'E_IN' }],
    });
    const unknown = across(new Error('around it', { cause: exception })) as Error;
    expect(unknown.cause).toBeInstanceOf(Error);
    expect(unknown.cause).toMatchObject({ message: expect.stringContaining('does not export') });
    const traced = across(new Exception(tag, [1, 1n, null], { traceStack: true })) as Error;
    expect(traced.stack).toContain('thrown.test.ts');
  });

  it.each([undefined, null, true, 3, 5n, 'text'])('%o crosses as itself', (value) => {
    expect(across(value)).toBe(value);
  });

  it('an object that is no error crosses with its properties, whatever its class', () => {
    class Exit {
      code = 3;
      get twice(): number {
        return 6;
      }
    }
    expect(across(new Exit())).toEqual({ code: 3 });
    expect(across({ reason: 'full', 'retry-after': 1 })).toEqual({ reason: 'full', 'retry-after': 1 });
  });

  it('a property named __proto__ crosses as a property and changes no prototype', () => {
    const got = across(JSON.parse('{"__proto__": {"polluted": true}}')) as object;
    expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
    expect(Object.hasOwn(got, '__proto__')).toBe(true);
  });

  it('functions, symbols and binary data cross as texts', () => {
    expect(across(Symbol('s'))).toBe('Symbol(s)');
    expect(across(() => 1)).toBe('() => 1');
    expect(across(new Uint8Array(1 << 26))).toBe('Uint8Array of 67108864 bytes');
  });

  it('values that cannot be read cross as what can be said of them', () => {
    const refuse = (): never => {
      throw new Error('not to be read');
    };
    const unreadable = Object.defineProperties(new Error('hidden'), {
      message: { get: refuse },
      name: { get: refuse },
      stack: { get: refuse },
      code: { get: refuse, enumerable: true },
    });
    expect(across(unreadable)).toBeInstanceOf(Error);
    expect(across(new Proxy(new Error('hidden'), { get: refuse, getPrototypeOf: refuse }))).toBe(
      'a value without text',
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(across({ proxy })).toEqual({ proxy: 'a value without text' });
    class Odd extends Array {
      static override get [Symbol.species](): never {
        throw new Error('not to be read');
      }
    }
    expect(across(Odd.from([1, 2]))).toEqual([1, 2]);
  });

  it('an error that is its own cause crosses', () => {
    const error = new Error('round');
    error.cause = { again: error };
    expect(across(error)).toMatchObject({ message: 'round', cause: { again: 'the value around it' } });
  });

  it('a message of 50,000 characters crosses whole, beside its stack and code', () => {
    const message = 'x'.repeat(50_000);
    const got = across(Object.assign(new Error(message), { code: 'E_LONG' })) as Error;
    expect(got.message).toBe(message);
    expect(got).toMatchObject({ code: 'E_LONG', stack: expect.stringContaining('thrown.test.ts') });
  });

  it('a message of 50 million characters is cut, and stack and code still cross', () => {
    const error = Object.assign(new Error('é'.repeat(25_000_000)), { code: 'E_HUGE' });
    const got = across(error) as Error;
    expect(Buffer.byteLength(got.message)).toBeLessThan(64 * 1024);
    expect(got.message).toMatch(/^é{20000,}… \(25000000 in all\)$/);
    expect(got).toMatchObject({ code: 'E_HUGE', stack: expect.stringContaining('thrown.test.ts') });
  });

  it('what crosses is bounded however much there is', () => {
    let deep: unknown = 'the end';
    for (let i = 0; i < 1000; i++) deep = { deep, more: 'y'.repeat(100) };
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, 'z'.repeat(1000)]));
    const causes = new Error('a'.repeat(1e5), { cause: new Error('b'.repeat(1e5), { cause: wide }) });
    // Twice the limit, because a stack repeats its message, and JSON adds its own marks.
    for (const thrown of [deep, wide, causes, Array.from({ length: 1e5 }, () => 'q'.repeat(100))])
      expect(bytesOf(thrown)).toBeLessThan(160 * 1024);
  });

  it('anything at all can be described and posted', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (value) => {
        across(value);
        across(Object.assign(new Error(String(value?.constructor)), { value }));
      }),
      { numRuns: 300 },
    );
  });
});
