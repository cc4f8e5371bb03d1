import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import {
  createStreamProcessor,
  databaseCheckpoints,
  fileSource,
  functionSink,
  keepGuestStates,
  lines,
} from '../../../src/stream/index.ts';
import { openSandbox } from '../../integration/sandbox/guests.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint } from '../checkpoint/support.ts';

/** Adds up what it is given, in a global that it does not export, and puts each sum into its memory. */
const module =
  assemble(`(module (memory 3) (global $sum (mut i64) (i64.const 0)) (global $at (mut i32) (i32.const 65532))
  (func (export "add") (param i64) (result i64)
    (global.set $sum (i64.add (global.get $sum) (local.get 0)))
    (global.set $at (i32.add (global.get $at) (i32.const 8)))
    (i64.store (global.get $at) (global.get $sum))
    (global.get $sum))
  (func (export "at") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "boom") unreachable))`);
const options = { guests: { adder: { module, state: 'memory' } }, threads: 1 } as const;

it('a guest goes on from a checkpoint in another process as if it had never stopped', async () => {
  const path = join(temporaryFolder(), 'c.sqlite');
  const storage = databaseCheckpoints(path);
  const first = await openSandbox(options);
  const keeper = keepGuestStates(first);
  const token = await storage.fence('job');
  for (let epoch = 1; epoch <= 5; epoch++) {
    await first.function('add')(BigInt(epoch));
    await storage.save(checkpoint({ fencingToken: token, epoch, guestStates: await keeper.snapshot() }));
  }
  await first.function('add')(1000n);
  const second = await openSandbox(options);
  const { checkpoint: restored } = await storage.restore('job');
  await keepGuestStates(second).restore(restored?.guestStates ?? []);
  expect(await second.function('add')(6n)).toBe(21n);
  expect(await second.function('at')(65_532 + 5 * 8)).toBe(15n);
  const [newest, , third] = await storage.list('job');
  // The page that was written to, and not the two others.
  expect(newest?.bytes).toBeLessThan(2 * 65_536);
  expect(third?.bytes).toBeLessThan(2 * 65_536);
  await storage.close();
});

it('a run with another guest, or with none, refuses a checkpoint that holds the state of this one', async () => {
  const folder = temporaryFolder();
  const run = async (guests: SandboxOptions['guests'], keeps: boolean, records: readonly string[]) => {
    const sandbox = await openSandbox({ guests, threads: 1 });
    const storage = databaseCheckpoints(join(folder, 'c.sqlite'));
    const source = join(folder, 'in.txt');
    appendFileSync(source, records.map((one) => `${one}\n`).join(''));
    const out: string[] = [];
    const sink = functionSink((results) => void out.push(...results.map(({ bytes }) => Buffer.from(bytes).toString())));
    const processor = createStreamProcessor(sandbox, { function: 'add', framing: lines() });
    const options = { checkpoints: storage, job: 'job', ...(keeps && { guestState: keepGuestStates(sandbox) }) };
    try {
      await processor.run(fileSource(source), sink, options);
      return out;
    } finally {
      await storage.close();
    }
  };
  const binding = new URL('./sum-binding.ts', import.meta.url);
  const summing = { module, binding, functions: ['add'], state: 'memory' } as const;
  expect(await run({ adder: summing }, true, ['1', '2'])).toEqual(['1', '3']);
  const changed = assemble(`(module (memory 3) (global (mut i64) (i64.const 0)) (global (mut i32) (i32.const 0))
    (func (export "add") (param i64) (result i64) (i64.const 0)))`);
  const refused = {
    code: 'ERR_SANDTUNE_CHECKPOINT',
    message: expect.stringMatching(/expected the guests whose state its checkpoint holds/),
  };
  await expect(run({ adder: { ...summing, module: changed } }, true, [])).rejects.toMatchObject(refused);
  await expect(run({ adder: summing }, false, [])).rejects.toMatchObject(refused);
  expect(await run({ adder: summing }, true, ['4'])).toEqual(['7']);
});

it('a state that was lost is an error that no waiting heals', async () => {
  const sandbox = await openSandbox(options);
  const keeper = keepGuestStates(sandbox);
  await expect(sandbox.function('boom')()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_TRAP' });
  await sandbox.function('add')(1n);
  await expect(keeper.snapshot()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', mayHeal: false });
  await expect(keeper.restore([])).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', trouble: 'unfit' });
});
