import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { measured } from '../../src/executor/measured.ts';
import type { MeasuredExecutor } from '../../src/executor/measured-executor.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import { buildPool } from '../adapters/pools.ts';
import { calc as wasm } from './sandbox/guests.ts';

const open: { close(): Promise<void> }[] = [];
function made<E extends MeasuredExecutor<never, unknown, never>>(executor: E): E {
  open.push(executor);
  return executor;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const parse = async (n: number) => n;

it('executors that nobody named are called after what they run, and a second of a name has a number', () => {
  const names = [parse, parse, async (n: number) => n, async (n: number) => -n].map((one) => made(wrap(one)).name);
  expect(names).toEqual(['parse', 'parse-2', 'function', 'function-2']);
});

it('pools of two files of one name are called by their folders too, and two pools of one file have a number', () => {
  const poolOf = (filename: string) => made(wrap(buildPool({ filename, minThreads: 0 }))).name;
  const names = ['image', 'pdf', 'image', 'pdf'].map((folder) => poolOf(`/app/${folder}/worker.js`));
  expect(names).toEqual(['worker', 'pdf/worker', 'worker-2', 'pdf/worker-2']);
  expect([made(wrap(buildPool())).name, made(wrap(buildPool())).name]).toEqual(['pool-worker', 'pool-worker-2']);
});

it('of two sandboxes that are made together the order of the calls decides, and each is called after its guest', async () => {
  const guests = { lexer: { module: wasm } };
  const both = await Promise.all([
    createSandbox({ guests, threads: 1 }),
    createSandbox({ guests, threads: 1 }),
    createSandbox({ guests: { ...guests, hash: { module: wasm } }, threads: 1 }),
  ]);
  expect(both.map((one) => made(one).name)).toEqual(['lexer', 'lexer-2', 'sandbox']);
});

it('a sandbox that could not be made has taken no name', async () => {
  const guests = { broken: { module: new Uint8Array([1, 2, 3]) } };
  await expect(createSandbox({ guests })).rejects.toThrow();
  const next = await createSandbox({ guests: { broken: { module: wasm } }, threads: 1 });
  expect(made(next).name).toBe('broken');
});

it('a closed executor leaves its name to the next one, which so finds its history', async () => {
  const first = wrap(parse);
  await first.close();
  expect(made(wrap(parse)).name).toBe('parse');
});

it('an executor that nobody holds any more leaves its name to the next one', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  (() => void wrap(parse))();
  for (let turn = 0; turn < 3; turn++) {
    await sleep(5);
    collect();
  }
  expect(made(wrap(parse)).name).toBe('parse');
});

it('a name that was given is taken as it is, and no other executor gets it by default', () => {
  expect(made(wrap(parse, { name: 'parse' })).name).toBe('parse');
  expect(made(measured({ name: 'parse', run: parse })).name).toBe('parse');
  expect(made(wrap(parse)).name).toBe('parse-2');
});

it('a function whose name is no name to show is called a function', () => {
  const odd = Object.defineProperty(async (n: number) => n, 'name', { value: '\u001b[2J' });
  expect(made(wrap(odd)).name).toBe('function');
});

it.each(['x'.repeat(129), '\u001b[2J', 'a\nb', '\ud800'])('the name %j is refused', (name) => {
  expect(() => wrap(parse, { name })).toThrow(
    expect.objectContaining({
      code: 'ERR_SANDTUNE_OPTION',
      message: expect.stringContaining('name: expected 1 to 128'),
    }),
  );
});
