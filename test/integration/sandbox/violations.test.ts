import { expect, it, vi } from 'vitest';
import type { GuestOptions } from '../../../src/sandbox/guest-options.ts';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import { summarize } from '../../../tuner/advice/summary.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { openSandbox, probe } from './guests.ts';

// A machine with other things to do may take many times as long to start a worker.
vi.setConfig({ testTimeout: 120_000 });

/** Takes memory until it gets no more, and then fails as an allocator does. */
const greedy = (memory: string) =>
  assemble(`(module (memory (export "memory") ${memory})
    (func (export "fill") (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)
    (func (export "step") (drop (memory.grow (i32.const 1))))
    (func (export "fail") unreachable))`);

/** Of settled calls. */
async function violationFraction(
  guest: GuestOptions,
  calls: readonly string[],
  options: Partial<SandboxOptions> = {},
): Promise<number | null> {
  const sandbox = await openSandbox({ guests: { guest }, threads: 1, maxMemoryPages: 3, ...options });
  using window = sandbox.openWindow();
  await Promise.allSettled(calls.map((name) => sandbox.function(name)()));
  return summarize([window.cut()]).violationFraction;
}

it('a call that fails where its guest was refused memory counts as a violation, and another trap does not', async () => {
  expect(await violationFraction({ module: greedy('1') }, ['fill', 'fail', 'fail', 'fail'])).toBe(0.25);
});

it('a call that fails where glue asked for far more memory than there may be counts, and a later trap does not', async () => {
  const binding = new URL('./growing-binding.ts', import.meta.url);
  const guest = { module: greedy('1'), binding, functions: ['leap', 'leapInVain', 'fail'] };
  expect(await violationFraction(guest, ['leap', 'leapInVain', 'fail', 'fail'])).toBe(0.25);
});

it('a call whose guest made do with less memory than its glue asked for first counts only where it got none', async () => {
  const binding = new URL('./growing-binding.ts', import.meta.url);
  const own = ['leapThenStep', 'leapThenOwnStep', 'leapElsewhere', 'leapTooFar', 'fillThenFail'];
  const guest = { module: greedy('1'), binding, functions: [...own, 'stepThenLeap'] };
  expect(await violationFraction(guest, own, { maxMemoryPages: 9 })).toBe(0);
  expect(await violationFraction(guest, ['stepThenLeap'], { maxMemoryPages: 9 })).toBe(1);
});

it('a call that fails in a memory that was as large as its cap from the start does not count', async () => {
  expect(await violationFraction({ module: greedy('3') }, ['fail'])).toBe(0);
});

it('a guest that fills the memory it wants itself is refused nothing', async () => {
  expect(await violationFraction({ module: greedy('1 2') }, ['fill'])).toBe(0);
});

it('a binding that is denied a permission of the process counts as a violation', async () => {
  const binding = new URL('./denied-binding.ts', import.meta.url);
  const guest = { module: assemble('(module)'), binding, functions: ['open', 'deep', 'fail'] };
  expect(await violationFraction(guest, ['open', 'deep', 'fail', 'fail'])).toBe(0.5);
});

it('calls that a full queue turns away, or that are refused for their arguments, are no violations', async () => {
  const wait = { ...probe, functions: ['wait', 'who'] };
  expect(await violationFraction(wait, ['who', 'who', 'who', 'who'], { maxQueue: 0 })).toBe(0);
  expect(await violationFraction({ module: assemble('(module (func (export "f") (param i32)))') }, ['f'])).toBe(0);
});
