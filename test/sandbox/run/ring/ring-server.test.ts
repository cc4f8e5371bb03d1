import fc from 'fast-check';
import { expect, it } from 'vitest';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import { shared } from '../../../../src/sandbox/run/protocol.ts';
import { callState, swapClaim } from '../../../../src/sandbox/run/ring/claim.ts';
import { generationOfId, slotOfId } from '../../../../src/sandbox/run/ring/slots.ts';
import { bySignature, progress, request } from '../../../../src/sandbox/run/ring/worker-memory.ts';
import { beginning } from '../../../integration/sandbox/guests.ts';
import { recorderFor } from '../../../support/recorder-for.ts';
import { callOf, claimOf, serve } from './serving.ts';

const bytes = (length: number) => new Uint8Array(length).map((_, index) => index * 31);

it('values of all sizes and kinds come back in order and as they were, in frames or by the port', async () => {
  const { write, answers } = serve();
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(1, -0, 2n ** 60n, 2n ** 70n, true, null, undefined, 'text', '\ud800') },
    { weight: 2, arbitrary: fc.nat({ max: 200_000 }).map(bytes) },
    {
      weight: 1,
      arbitrary: fc.constantFrom([1, [2n]], { a: new Date(0) }, new Map([[1, 'one']]), new Float64Array(3)),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 60 }), async (values) => {
      const ids = values.map((one) => write('echo', one).heldAs);
      const seen = await answers(values.length);
      expect(seen.map(({ id }) => id)).toEqual(ids);
      expect(seen.map((one) => one.value)).toEqual(values);
    }),
    { numRuns: 30 },
  );
});

it('calls of a worker that reads nothing for long are kept whole, though they fill its ring many times over', async () => {
  const { write, answers } = serve();
  const { begun, whenBegun, letGo } = beginning();
  write('hold', begun);
  await whenBegun;
  const values = Array.from({ length: 100 }, (_, index) => bytes(20_000 + index));
  for (const value of values) write('echo', value);
  letGo();
  const [, ...seen] = await answers(101);
  expect(seen.map((one) => one.value)).toEqual(values);
});

it('a call takes any number of arguments, which come in order', async () => {
  const { write, answers } = serve();
  const lists = [
    [],
    [1],
    [1, 'two'],
    [1, 'two', 3n],
    [1, 'two', 3n, { four: 4 }],
    Array.from({ length: 2000 }, (_, i) => i),
  ];
  for (const list of lists) write('list', ...list);
  expect((await answers(lists.length)).map((one) => one.value)).toEqual(lists);
});

it('a call that was taken back is passed over and told of, with what was posted for it', async () => {
  const { link, write, answers } = serve();
  const { begun, whenBegun, letGo } = beginning();
  const held = write('hold', begun);
  await whenBegun;
  const [first, taken, last] = [write('echo', 1), write('echo', { posted: 2 }), write('echo', { posted: 3 })];
  const { heldAs } = taken;
  expect([link.takeBack(heldAs, false), link.takeBack(heldAs, false)]).toEqual([true, false]);
  expect([taken.heldBy, link.takeBack(held.heldAs, false)]).toEqual([null, false]);
  letGo();
  const [, ...seen] = await answers(4);
  expect(seen).toEqual([
    { id: first.heldAs, value: 1, passed: false },
    { id: heldAs, value: undefined, passed: true },
    { id: last.heldAs, value: { posted: 3 }, passed: false },
  ]);
  expect(link.slots.usedCount).toBe(0);
});

it('bytes for a region keep it until they were read or passed over, and it is free then', async () => {
  const { link, write, answers } = serve();
  const { begun, whenBegun, letGo } = beginning();
  write('hold', begun);
  await whenBegun;
  const held = () => link.memory.argumentRegions.reduce((sum, one) => sum + one, 0);
  const given = [1, 2, 3].map((seed) => new Uint8Array(64 * 1024).fill(seed));
  const [, taken] = given.map((one) => write('echo', one));
  expect(held()).toBe(3);
  expect(link.takeBack(taken?.heldAs as number, true)).toBe(true);
  expect(held()).toBe(3);
  letGo();
  const [, ...seen] = await answers(4);
  expect(seen.map(({ value, passed }) => [value, passed])).toEqual([
    [given[0], false],
    [undefined, true],
    [given[2], false],
  ]);
  expect([held(), ...link.memory.resultRegions]).toEqual(Array.from({ length: 65 }, () => 0));
});

it('arguments that cannot be read keep no region', () => {
  const { link } = serve();
  const args = new Proxy([new Uint8Array(64 * 1024), 1], {
    get: (target, key, self) => {
      if (key === '1') throw new Error('no');
      return Reflect.get(target, key, self) as unknown;
    },
  });
  expect(() => link.write(callOf(recorderFor(manualTime()), 0, args), 0, false)).toThrow('no');
  expect(link.memory.argumentRegions.every((one) => one === 0)).toBe(true);
});

it('a call that was condemned neither ends for anyone to see nor is followed by another', async () => {
  const { link, write, worker } = serve();
  const { begun, whenBegun, letGo } = beginning();
  const { heldAs } = write('hold', begun);
  const next = write('echo', 1);
  await whenBegun;
  expect(
    swapClaim(link.memory.claims, slotOfId(heldAs), generationOfId(heldAs), callState.running, callState.condemned),
  ).toBe(true);
  letGo();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(link.answers.isEmpty).toBe(true);
  expect([claimOf(link, heldAs), claimOf(link, next.heldAs)]).toEqual([callState.condemned, callState.queued]);
  await worker.terminate();
  expect(link.answers.isEmpty).toBe(true);
});

it('a frame that is none ends its worker with an error that says what was expected', async () => {
  const { link, failed, write, answers } = serve();
  write('echo', 1);
  await answers(1);
  link.memory.requests.ints.fill(7);
  link.memory.requests.words[16] = 8 * 64;
  const { memory } = link;
  Atomics.store(memory.progress, 32, 0);
  Atomics.notify(memory.progress, 32);
  expect(await failed).toMatchObject({
    code: 'ERR_SANDTUNE_WORKER_LOST',
    message: expect.stringMatching(/^expected /),
  });
});

it('an id that is not out ends its worker, which runs nothing for it', async () => {
  const { link, failed, write, answers } = serve();
  const { heldAs } = write('echo', 1);
  await answers(1);
  // The same frame a second time: its slot has been given back since.
  const { ints } = link.memory.requests;
  ints.copyWithin(8, 0, 8);
  expect(ints[1]).toBe(heldAs);
  Atomics.store(link.memory.requests.words, 16, 64);
  Atomics.store(link.memory.progress, 32, 0);
  Atomics.notify(link.memory.progress, 32);
  expect(await failed).toMatchObject({
    code: 'ERR_SANDTUNE_WORKER_LOST',
    message: expect.stringContaining('a call that waits'),
  });
  expect(link.answers.isEmpty).toBe(true);
});

it('arguments by the signature of a function that has none end its worker, which runs nothing for them', async () => {
  const { link, failed, write, answers } = serve();
  write('echo', 1);
  await answers(1);
  const { ints } = link.memory.requests;
  ints.copyWithin(8, 0, 8);
  ints[(32 + request.argc) >> 2] = bySignature;
  Atomics.store(link.memory.requests.words, 16, 64);
  Atomics.store(link.memory.progress, 32, 0);
  Atomics.notify(link.memory.progress, 32);
  expect(await failed).toMatchObject({
    code: 'ERR_SANDTUNE_WORKER_LOST',
    message: expect.stringContaining('arguments of a function with a signature'),
  });
  expect(link.answers.isEmpty).toBe(true);
});

it('a worker that is told to look for calls for long does not sleep meanwhile, and one that is not does', async () => {
  for (const [spinUs, sleeps] of [
    [60_000_000, false],
    [0, true],
  ] as const) {
    const { link, write, answers } = serve({ [shared.spinUs]: spinUs });
    write('echo', 1);
    await answers(1);
    await expect
      .poll(() => link.memory.progress[progress.asleep] === 1, { timeout: sleeps ? 10_000 : 100 })
      .toBe(sleeps);
    // Also a worker that does not sleep finds what comes.
    write('echo', 2);
    expect(await answers(1)).toMatchObject([{ value: 2 }]);
  }
});

it('an answer wakes a host that sleeps at once, or waits for others for as long as more calls than answers are left', async () => {
  for (const [coalesceUs, behind, rung] of [
    [0, 2, true],
    [60_000_000, 2, false],
    [60_000_000, 0, true],
  ] as const) {
    const { bell, write } = serve({ [shared.coalesceUs]: coalesceUs });
    const [first, second] = [beginning(), beginning()];
    write('hold', first.begun);
    await first.whenBegun;
    write('echo', 1);
    write('hold', second.begun);
    for (let i = 0; i < behind; i++) write('echo', 2);
    Atomics.store(bell, 0, 1);
    first.letGo();
    await second.whenBegun;
    expect(Atomics.load(bell, 0)).toBe(rung ? 0 : 1);
    second.letGo();
    await expect.poll(() => Atomics.load(bell, 0), { timeout: 10_000 }).toBe(0);
  }
});
