/** Values that no function of the package is made for, each made anew, because some change when they are used. */

const revokedOf = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

const fails = (what: string) => (): never => {
  throw new RangeError(what);
};

/** Any property of it that is read throws, and so does the list of them. */
const hostile = () =>
  new Proxy(
    {},
    {
      get: fails('get'),
      has: fails('has'),
      ownKeys: fails('ownKeys'),
      getPrototypeOf: fails('getPrototypeOf'),
      getOwnPropertyDescriptor: fails('getOwnPropertyDescriptor'),
    },
  );

/** Says that it is one, and is none: what is asked of it throws. */
const pretends = (kind: { readonly prototype: object }) => Object.create(kind.prototype) as unknown;

class Empty {}

class Point {
  readonly x = 1;
  #hidden = 2;
  get hidden() {
    return this.#hidden;
  }
}

const cyclic = () => {
  const one: Record<string, unknown> = {};
  one['self'] = one;
  return one;
};

const detached = () => {
  const bytes = new Uint8Array(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
};

export const rubbish: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  NaN: () => Number.NaN,
  'minus one': () => -1,
  fraction: () => 1.5,
  infinity: () => Number.POSITIVE_INFINITY,
  'huge number': () => 1e300,
  bigint: () => 5n,
  text: () => 'text',
  'empty text': () => '',
  'text with a zero': () => 'a\0b',
  'text of half a character': () => '\ud800',
  'long text': () => 'x'.repeat(1e5),
  symbol: () => Symbol('rubbish'),
  list: () => [1],
  'empty list': () => [],
  'list of rubbish': () => [null, Symbol('in a list'), revokedOf({}), hostile()],
  'long list': () => Array.from({ length: 1e5 }, () => 0),
  object: () => ({}),
  'object without prototype': () => Object.create(null) as unknown,
  'object of rubbish': () => ({ a: revokedOf({}), b: hostile(), c: 5n, d: Symbol('in an object') }),
  'object with a symbol as key': () => ({ [Symbol('key')]: 1 }),
  'cyclic object': cyclic,
  'object with a polluting key': () => JSON.parse('{"__proto__":{"a":1},"constructor":1}') as unknown,
  'getter that throws': () => Object.defineProperty({}, 'a', { enumerable: true, get: fails('getter') }) as unknown,
  'toJSON that throws': () => ({ toJSON: fails('toJSON'), toString: fails('toString') }),
  'value that throws as a primitive': () => ({ [Symbol.toPrimitive]: fails('toPrimitive') }),
  'iterator that throws': () => ({ [Symbol.iterator]: fails('iterator') }),
  'instance of a class': () => new Point(),
  class: () => Empty,
  function: () => (value: unknown) => value,
  promise: () => Promise.resolve({}),
  date: () => new Date(Number.NaN),
  map: () => new Map([[1, 2]]),
  error: () => new Error('as a value'),
  'revoked function': () => revokedOf(() => {}),
  'revoked object': () => revokedOf({}),
  'revoked list': () => revokedOf([]),
  'hostile proxy': hostile,
  'bytes that were moved away': detached,
  'no bytes': () => pretends(Uint8Array),
  'no URL': () => pretends(URL),
  'no AbortSignal': () => pretends(AbortSignal),
  'no promise': () => pretends(Promise),
  'no date': () => pretends(Date),
};
