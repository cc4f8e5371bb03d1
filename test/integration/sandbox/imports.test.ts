import { describe, expect, it } from 'vitest';
import { assemble } from '../../sandbox/assemble.ts';
import { answersAtOnce, createSandbox, errorOf, openSandbox } from './guests.ts';

const binding = new URL('./clock-binding.ts', import.meta.url);
const logger = assemble(`(module
  (import "env" "log" (func $log (param i32)))
  (import "env" "size" (func $size (result i32)))
  (memory (export "memory") 2)
  (func (export "run") (param i32) (result i32) (call $log (local.get 0)) (call $size))
  (func (export "spin") (loop $again br $again)))`);

describe('imports from a binding', () => {
  it('listed imports of a binding reach the guest, and reach back into the instance', async () => {
    const sandbox = await openSandbox({
      guests: { logger: { module: logger, binding, functions: ['run'], allowImports: { env: ['log', 'size'] } } },
      threads: 1,
    });
    expect(await sandbox.function('run')(7)).toEqual({ size: 131_072, logged: [7] });
  });

  it('imports that are not listed do not reach the guest, although the binding supplies them', async () => {
    const guest = { module: logger, binding, functions: ['run'], allowImports: { env: ['log'] } };
    expect(await errorOf(createSandbox({ guests: { logger: guest }, threads: 1 }))).toMatchObject({
      code: 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED',
      message: expect.stringContaining('"size"'),
    });
  });

  it('imports whose types are declared are bound, and others than these are refused before there is a worker', async () => {
    const log = { params: ['i32'], results: [] } as const;
    const opened = (size: unknown) =>
      createSandbox({
        guests: {
          logger: { module: logger, binding, functions: ['run'], allowImports: { env: { log, size } as never } },
        },
        threads: 1,
      });
    const sandbox = await opened({ params: [], results: ['i32'] });
    expect(await sandbox.function('run')(7)).toEqual({ size: 131_072, logged: [7] });
    await sandbox.close();
    expect(await errorOf(opened({ params: [], results: ['i64'] }))).toMatchObject({
      code: 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED',
      message: expect.stringContaining('"size" to be () → (i64), as allowImports says, got () → (i32)'),
    });
    for (const wrong of [null, [], {}, { params: ['i33'], results: [] }, { params: [], results: 'i32' }])
      expect(await errorOf(opened(wrong))).toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
  });

  it("a guest cannot import what JavaScript's own objects inherit", async () => {
    const escape = assemble('(module (import "constructor" "constructor" (func)))');
    const guest = { module: escape, binding, functions: ['run'], allowImports: { constructor: ['constructor'] } };
    expect(await errorOf(createSandbox({ guests: { escape: guest }, threads: 1 }))).toMatchObject({
      message: expect.stringMatching(/import/i),
    });
  });
});

it('a finished call of a guest with imports is not repeated when its neighbour is ended', async () => {
  const sandbox = await openSandbox({
    guests: { logger: { module: logger, binding, functions: ['run', 'spin'], allowImports: { env: ['log', 'size'] } } },
    threads: 1,
    batchSize: 3,
  });
  const run = sandbox.function('run');
  const [finished, culprit, waiting] = await Promise.allSettled([
    run(1),
    sandbox.function('spin').run([], { deadlineMs: 200 }),
    run(3),
  ]);
  expect(finished).toMatchObject(
    answersAtOnce ? { value: { logged: [1] } } : { reason: { code: 'ERR_SANDTUNE_WORKER_LOST', outcome: 'lost' } },
  );
  expect(culprit).toMatchObject({ reason: { outcome: 'timeout' } });
  expect(waiting).toMatchObject({ value: { logged: [3] } });
});
