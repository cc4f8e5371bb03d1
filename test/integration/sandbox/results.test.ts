/** Where the bytes of a result go: `into` and `lease`, with what ends a call before it has one. */
import { expect, it } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import type { ResultLease } from '../../../src/sandbox/run/result-lease.ts';
import { beginning, books, openSandbox, probe, transport } from './guests.ts';

const kib = 1024;
const bytes = (length: number) => new Uint8Array(length).map((_, index) => index * 31 + 1);
const open = (options: Partial<SandboxOptions> = {}) => openSandbox({ guests: { probe }, threads: 2, ...options });
const misfit = { code: 'ERR_SANDTUNE_RESULT', outcome: 'trap', stage: 'return' };
const refused = { code: 'ERR_SANDTUNE_ARGUMENTS', outcome: 'rejected', stage: 'admit' };

it('bytes of any length come into the buffer that the caller gives, and nothing beside them is touched', async () => {
  const sandbox = await open();
  const echo = sandbox.function('echo');
  for (const length of [0, 1, 1000, 16 * kib - 1, 16 * kib, 64 * kib, 200_001, 5 * kib * kib, 9 * kib * kib]) {
    const given = bytes(length);
    for (const buffer of [new ArrayBuffer(length + 20), new SharedArrayBuffer(length + 20)]) {
      const whole = new Uint8Array(buffer).fill(77);
      const result = (await echo.run([given], { into: whole.subarray(8, length + 12) })) as Uint8Array;
      expect([result.buffer === buffer, result.byteOffset, result.length]).toEqual([true, 8, length]);
      expect(Buffer.compare(result, given)).toBe(0);
      expect([whole.subarray(0, 8), whole.subarray(length + 8)].map((part) => part.every((one) => one === 77))).toEqual(
        [true, true],
      );
    }
  }
  // What the call was given may be what it is to write to.
  const both = bytes(64 * kib);
  expect(await echo.run([both], { into: both })).toEqual(bytes(64 * kib));
});

it('what does not fit is an error after which the buffer is as it was, and one that cannot be used is refused at once', async () => {
  const sandbox = await open();
  const echo = sandbox.function('echo');
  for (const length of [8, 64 * kib]) {
    const into = new Uint8Array(length - 1);
    await expect(echo.run([bytes(length)], { into })).rejects.toMatchObject({
      ...misfit,
      message: expect.stringContaining(
        `expected a result of at most ${length - 1} bytes, as into has, got ${length} bytes`,
      ),
    });
    expect(into.every((one) => one === 0)).toBe(true);
  }
  for (const value of [1, 'text', undefined, { a: 1 }])
    for (const options of [{ into: new Uint8Array(8) }, { lease: true }])
      await expect(echo.run([value], options)).rejects.toMatchObject(misfit);
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  const unusable: readonly unknown[] = [
    detached,
    // As one of a later engine tells it.
    new Uint8Array(Object.assign(new ArrayBuffer(8), { immutable: true })),
    new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
    new Uint8Array(new SharedArrayBuffer(8, { maxByteLength: 16 })),
    new Float64Array(1),
    new ArrayBuffer(8),
    new Proxy(new Uint8Array(8), {}),
    Object.create(Uint8Array.prototype),
    'text',
    null,
  ];
  for (const into of unusable) await expect(echo.run([1], { into: into as Uint8Array })).rejects.toMatchObject(refused);
  await expect(echo.run([1], { lease: 1 as never })).rejects.toMatchObject(refused);
  await expect(echo.run([1], { lease: true, into: new Uint8Array(1) })).rejects.toMatchObject(refused);
  await expect(echo.run([1], { int: 1 } as never)).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_OPTION',
    message: expect.stringContaining("did you mean 'into'?"),
  });
  const throwing = {
    get into(): Uint8Array {
      throw new Error('no');
    },
  };
  await expect(echo.run([1], throwing)).rejects.toMatchObject(refused);
  const { offered, settled, inFlight } = books(sandbox);
  expect([settled, inFlight]).toEqual([offered, 0]);
});

it('a buffer that is moved away while its call runs is an error of the call', async () => {
  const sandbox = await open();
  const { begun, whenBegun, letGo } = beginning();
  const into = new Uint8Array(64 * kib);
  const call = sandbox.function('late').run([begun, 64 * kib], { into });
  await whenBegun;
  const moved = structuredClone(into, { transfer: [into.buffer] });
  letGo();
  await expect(call).rejects.toMatchObject(misfit);
  expect(moved.every((one) => one === 0)).toBe(true);
});

it('two calls in flight never have the same memory to write to, and the next has it once the first has ended, however it did', async () => {
  const sandbox = await open();
  const [late, echo] = [sandbox.function('late'), sandbox.function('echo')];
  const whole = new Uint8Array(100);
  const { begun, whenBegun, letGo } = beginning();
  const controller = new AbortController();
  const call = late.run([begun, 10], { into: whole.subarray(20, 40), signal: controller.signal });
  await whenBegun;
  for (const [from, end] of [
    [0, 100],
    [39, 41],
    [10, 21],
    [25, 30],
  ] as const)
    await expect(echo.run([bytes(1)], { into: whole.subarray(from, end) })).rejects.toMatchObject(refused);
  for (const [from, end] of [
    [0, 20],
    [40, 100],
    [30, 30],
  ] as const)
    expect(await echo.run([bytes(end - from)], { into: whole.subarray(from, end) })).toEqual(bytes(end - from));
  controller.abort();
  await expect(call).rejects.toThrow();
  letGo();
  const into = whole.subarray(20, 40);
  expect(await echo.run([bytes(20)], { into })).toEqual(bytes(20));
  await expect(sandbox.function('fail').run(['no'], { into })).rejects.toThrow();
  expect(await echo.run([bytes(20)], { into })).toEqual(bytes(20));
});

it('a call that ended before its answer came writes nothing into the buffer any more, though its worker answers', async () => {
  const sandbox = await open({ threads: 1 });
  const late = sandbox.function('late');
  for (const length of [100, 64 * kib]) {
    const { begun, whenBegun, letGo } = beginning();
    const into = new Uint8Array(length);
    const controller = new AbortController();
    const call = late.run([begun, length], { into, signal: controller.signal });
    await whenBegun;
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    letGo();
    expect(await sandbox.function('echo').run([bytes(length)])).toEqual(bytes(length));
    expect(into.every((one) => one === 0)).toBe(true);
  }
  const { begun, whenBegun } = beginning();
  const into = new Uint8Array(64 * kib);
  const overrun = late.run([begun, 64 * kib], { into, deadlineMs: 50 });
  await Promise.all([whenBegun, expect(overrun).rejects.toMatchObject({ outcome: 'timeout' })]);
  expect(await sandbox.function('echo').run([bytes(3)])).toEqual(bytes(3));
  expect(into.every((one) => one === 0)).toBe(true);
});

it('a call that is run again after its worker ended has its bytes where the caller wants them', async () => {
  const sandbox = await open({ threads: 1 });
  const flaky = sandbox.function('flaky');
  const again = () => new Int32Array(new SharedArrayBuffer(4));
  const into = new Uint8Array(64 * kib);
  const result = await flaky.run([again(), 64 * kib], { into, idempotent: true });
  expect([result, into.every((one) => one === 9)]).toEqual([into, true]);
  using lease = (await flaky.run([again(), 64 * kib], { lease: true, idempotent: true })) as ResultLease;
  expect(lease.bytes.every((one) => one === 9)).toBe(true);
});

it('leased bytes stay as they are until they are released, whatever else runs, and whatever becomes of their worker', async () => {
  const options = transport === 'ring' ? { regionBytes: 256 * kib } : {};
  const sandbox = await open({ threads: 1, ...options });
  const echo = sandbox.function('echo');
  const lengths = [0, 10, 16 * kib, 64 * kib, 64 * kib, 100 * kib, 64 * kib, 300 * kib];
  const leases: ResultLease[] = [];
  for (const length of lengths) leases.push((await echo.run([bytes(length)], { lease: true })) as ResultLease);
  const asGiven = () =>
    leases.every((lease, index) => Buffer.compare(lease.bytes, bytes(lengths[index] as number)) === 0);
  expect(leases.map(({ byteLength }) => byteLength)).toEqual(lengths);
  const shared = leases.filter(({ bytes: one }) => one.buffer instanceof SharedArrayBuffer);
  expect(shared.length > 0).toBe(transport === 'ring');
  const others = await Promise.all(lengths.map((length) => echo(new Uint8Array(length).fill(5))));
  expect([asGiven(), others.map((one) => (one as Uint8Array).length)]).toEqual([true, lengths]);
  await expect(sandbox.function('exit')()).rejects.toMatchObject({ outcome: 'lost' });
  await echo(bytes(64 * kib));
  expect(asGiven()).toBe(true);
  const [first, second] = leases as [ResultLease, ResultLease];
  first.release();
  first.release();
  second[Symbol.dispose]();
  expect([first.isReleased, second.isReleased, leases[2]?.isReleased]).toEqual([true, true, false]);
  expect(() => first.bytes).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_RESULT' }));
  await sandbox.close();
  expect(Buffer.compare(leases[3]?.bytes as Uint8Array, bytes(64 * kib))).toBe(0);
});

it('large bytes come as they were where there is no room for them in shared memory, or too many at once', async () => {
  const sandbox = await open(transport === 'ring' ? { regionBytes: 64 * kib } : {});
  const echo = sandbox.function('echo');
  const lengths = Array.from({ length: 60 }, (_, index) => ((index * 7919) % 40) * 4 * kib);
  const results = (await Promise.all(lengths.map((length) => echo(bytes(length))))) as Uint8Array[];
  expect(results.every((result, index) => Buffer.compare(result, bytes(lengths[index] as number)) === 0)).toBe(true);
  expect(results.every(({ buffer }) => buffer instanceof ArrayBuffer)).toBe(true);
});

it("a guest's arguments are its own, or lent for the time of a call where its host says so", async () => {
  const own = await open({ threads: 1 });
  const lent = await open({ threads: 1, guests: { probe: { ...probe, arguments: 'lent' } } });
  for (const length of [100, 64 * kib]) {
    for (const [sandbox, left] of [
      [own, length],
      [lent, transport === 'ring' ? 0 : length],
    ] as const) {
      await sandbox.function('keep')(bytes(length));
      expect(await sandbox.function('keep')(bytes(length))).toBe(left);
    }
    expect(await lent.function('echo')(bytes(length))).toEqual(bytes(length));
  }
  await expect(open({ guests: { probe: { ...probe, arguments: 'mine' as never } } })).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_OPTION',
  });
});
