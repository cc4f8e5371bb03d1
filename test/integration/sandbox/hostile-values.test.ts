import { describe, expect, it } from 'vitest';
import { books, calc, errorOf, openSandbox, probe } from './guests.ts';

const rejected = { code: 'ERR_SANDTUNE_ARGUMENTS', outcome: 'rejected', stage: 'admit' };

function detached(): DataView {
  const buffer = new ArrayBuffer(16);
  const view = new DataView(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

function outOfBounds(): Uint8Array {
  const buffer = new ArrayBuffer(16, { maxByteLength: 32 });
  const view = new Uint8Array(buffer, 8, 8);
  buffer.resize(4);
  return view;
}

const throwing = {
  get a(): never {
    throw new Error('not to be read');
  },
};

const throwingBare = {
  get a(): never {
    throw Object.create(null) as Error;
  },
};

describe('a call that cannot be sent is refused alone', () => {
  it.each<[string, () => unknown]>([
    ['a view whose buffer is gone', detached],
    ['a view beyond its buffer', outOfBounds],
    ['an object that throws when it is read', () => throwing],
    ['an object that throws what has no text', () => throwingBare],
  ])('a call whose argument is %s is refused alone', async (_, make) => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8 });
    const before = (await sandbox.function('who')()) as { threadId: number };
    const [one, bad, other] = await Promise.allSettled([
      sandbox.function('echo')(1),
      sandbox.function('echo')(make()),
      sandbox.function('echo')(2),
    ]);
    expect([one, other]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(bad).toMatchObject({ reason: rejected });
    expect(await sandbox.function('who')()).toMatchObject({ threadId: before.threadId });
    await sandbox.close();
    expect(books(sandbox)).toEqual({ offered: 5, settled: 5, inFlight: 0 });
  });

  it('a list of arguments that throws when it is read is refused', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(await errorOf(sandbox.function('echo').run(proxy))).toMatchObject(rejected);
    expect(await errorOf(sandbox.function('echo').run(new Proxy([1], { get: () => fail() })))).toMatchObject(rejected);
    expect(books(sandbox)).toEqual({ offered: 2, settled: 2, inFlight: 0 });
  });

  it('a call that is given up, or calls its sandbox, while it is read costs no other call and no worker', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    const echo = sandbox.function('echo');
    const before = (await sandbox.function('who')()) as { threadId: number };
    const own = new AbortController();
    const reason = new Error('enough');
    const first = echo.run(
      [
        {
          a: 1,
          get b() {
            own.abort(reason);
            return 2;
          },
        },
      ],
      { signal: own.signal },
    );
    const nested: Promise<unknown>[] = [];
    const second = echo({
      get a() {
        nested.push(echo(7), echo({ b: 8 }));
        return 9;
      },
    });
    expect(await errorOf(first)).toBe(reason);
    expect(await second).toEqual({ a: 9 });
    // It is asked twice: once for ports, and once to be sent.
    expect(await Promise.all(nested)).toEqual([7, { b: 8 }, 7, { b: 8 }]);
    expect(await sandbox.function('who')()).toMatchObject({ threadId: before.threadId });
  });

  it('a list of arguments of an odd length is refused, and one that changes is passed as it was', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    const echo = sandbox.function('echo');
    const lengthOf = (length: unknown) =>
      new Proxy([1], {
        get: (list, key, self) => (key === 'length' ? length : Reflect.get(list, key, self)) as unknown,
      });
    for (const length of [-5, 1.5, Number.NaN, 1e9, 'x'])
      expect(await errorOf(echo.run(lengthOf(length)))).toMatchObject(rejected);
    expect(await errorOf(echo.run(Object.assign([], { length: 2 ** 32 - 1 })))).toMatchObject(rejected);
    const args: unknown[] = ['as it was'];
    const call = echo.run(args);
    args[0] = 'changed';
    args.length = 0;
    expect(await call).toBe('as it was');
  });

  it('a call that throws when its function or its arguments are read is refused, and counted', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    const inputs = [
      new Proxy({}, { get: () => fail() }),
      Object.defineProperty({ function: 'echo' }, 'args', { get: fail }),
      { function: Object.defineProperty({}, 'toString', { value: fail }) },
    ];
    for (const input of inputs)
      expect(await errorOf(sandbox.run(input as never))).toMatchObject({ outcome: 'rejected', stage: 'admit' });
    expect(books(sandbox)).toEqual({ offered: 3, settled: 3, inFlight: 0 });
  });

  it('a call whose worker file answers with something else than results is lost', async () => {
    const workerUrl = new URL('./no-answer-worker.ts', import.meta.url);
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, workerUrl });
    expect(await errorOf(sandbox.function('add')(1, 2))).toMatchObject({ outcome: 'lost' });
    expect(books(sandbox)).toEqual({ offered: 1, settled: 1, inFlight: 0 });
  });

  it('call options of the wrong kind are refused', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    for (const options of [{ signal: new AbortController() }, { intendedStartMs: Number.NaN }, 7]) {
      expect(await errorOf(sandbox.function('echo').run([1], options as never))).toMatchObject(rejected);
    }
    expect(books(sandbox)).toEqual({ offered: 3, settled: 3, inFlight: 0 });
    await sandbox.close();
  });
});

describe('whatever a binding does, its worker and its neighbours live on', () => {
  it.each([
    ['throwBare', 'execute'],
    ['throwUnreadable', 'execute'],
    ['throwUnnamed', 'execute'],
    ['returnListWithMethod', 'return'],
    ['returnProxy', 'return'],
    ['returnGoneView', 'return'],
  ])('a binding that does %s makes a trap at stage %s, and its worker and neighbours live on', async (odd, stage) => {
    const guest = { module: calc, binding: new URL('./odd-binding.ts', import.meta.url), functions: ['who', odd] };
    const sandbox = await openSandbox({ guests: { guest }, threads: 1, batchSize: 8 });
    const before = await sandbox.function('who')();
    const [one, bad, other] = await Promise.allSettled([
      sandbox.function('who')(),
      sandbox.function(odd)(),
      sandbox.function('who')(),
    ]);
    expect([one, other]).toMatchObject([{ value: before }, { value: before }]);
    expect(bad).toMatchObject({ reason: { outcome: 'trap', stage } });
  });
});

describe('bytes are as many as they are, whatever they say of themselves', () => {
  it.each(['returnShortLength', 'returnLongLength'])(
    'a result of a binding that does %s shows nothing of an earlier one',
    async (odd) => {
      const binding = new URL('./odd-binding.ts', import.meta.url);
      const guest = { module: calc, binding, functions: ['who', 'returnSecret', odd] };
      const sandbox = await openSandbox({ guests: { guest }, threads: 1 });
      const before = await sandbox.function('who')();
      await sandbox.function('returnSecret')();
      const [one, other] = await Promise.all([sandbox.function(odd)(), sandbox.function('who')()]);
      expect([one, other]).toEqual([new Uint8Array(20_000).fill(7), before]);
      const into = new Uint8Array(20_000);
      await sandbox.function(odd).run([], { into });
      expect(into).toEqual(one);
    },
  );

  it.each(['length', 'byteLength'])(
    'an argument that has any %s it likes arrives whole, and costs no worker',
    async (name) => {
      const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
      const before = (await sandbox.function('who')()) as { threadId: number };
      for (const value of [100, 1e9])
        for (const bytes of [200, 20_000, 2_000_000]) {
          const lying = Object.defineProperty(new Uint8Array(bytes).fill(7), name, { value });
          expect(await sandbox.function('length')(lying)).toBe(bytes);
        }
      expect(await sandbox.function('who')()).toMatchObject({ threadId: before.threadId });
    },
  );
});

function fail(): never {
  throw new Error('not to be read');
}
