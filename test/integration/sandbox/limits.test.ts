/** Deadlines, longest waits, cancelled calls and bounds of close() on real workers. */
import { expect, it } from 'vitest';
import { answersAtOnce, beginning, books, calc, createSandbox, errorOf, openSandbox, probe } from './guests.ts';

const guests = { calc: { module: calc } };
const timeout = { code: 'ERR_SANDTUNE_DEADLINE', outcome: 'timeout' };

it('an endless guest that its caller gives up costs its worker, and the one worker there is runs the next call', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  using window = sandbox.openWindow();
  const abort = new AbortController();
  const { begun, whenBegun } = beginning();
  const endless = sandbox.function('spin').run([begun], { signal: abort.signal });
  const error = errorOf(endless);
  await whenBegun;
  abort.abort('enough');
  expect(await error).toBe('enough');
  expect(await sandbox.function('echo')(2)).toBe(2);
  expect(window.cut()).toMatchObject({ outcomes: { cancelled: 1, ok: 1, lost: 0 }, work: { workerStarts: 1 } });
  expect(books(sandbox)).toEqual({ offered: 2, settled: 2, inFlight: 0 });
});

it('a call that ends soon after its caller gave it up costs no worker', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  const before = (await sandbox.function('who')()) as { threadId: number };
  const abort = new AbortController();
  const call = sandbox.function('echo').run([1], { signal: abort.signal });
  abort.abort('enough');
  expect(await errorOf(call)).toBe('enough');
  expect(await sandbox.function('who')()).toMatchObject({ threadId: before.threadId });
});

it('calls of a batch behind an endless one that was given up run elsewhere, and one given up with it never runs', async () => {
  const sandbox = await openSandbox({ guests, threads: 1, batchSize: 4 });
  const abort = new AbortController();
  const { signal } = abort;
  const calls = [
    sandbox.function('spin').run([], { signal }),
    sandbox.function('count').run([], { signal }),
    sandbox.function('count')(),
    sandbox.function('count')(),
  ];
  setTimeout(() => abort.abort('enough'), 30);
  expect(await Promise.allSettled(calls)).toMatchObject([
    { reason: 'enough' },
    { reason: 'enough' },
    { status: 'fulfilled' },
    { status: 'fulfilled' },
  ]);
  // Each of the two ran once, in whatever instance: a third count says so.
  expect(await sandbox.function('count')()).toBeLessThanOrEqual(3);
  expect(books(sandbox)).toEqual({ offered: 5, settled: 5, inFlight: 0 });
});

it('a call of a batch that was given up before its turn is passed over, and its neighbours and its worker stay', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 4 });
  const before = (await sandbox.function('who')()) as { threadId: number; callsHere: number };
  const abort = new AbortController();
  const { begun, whenBegun, letGo } = beginning();
  const first = sandbox.function('hold')(begun);
  const given = errorOf(sandbox.function('who').run([], { signal: abort.signal }));
  const late = errorOf(sandbox.function('who').run([], { maxWaitMs: 20 }));
  const last = sandbox.function('who')();
  await whenBegun;
  abort.abort('enough');
  expect(await given).toBe('enough');
  expect(await late).toMatchObject({ code: 'ERR_SANDTUNE_MAX_WAIT', outcome: 'shed', stage: 'queue' });
  letGo();
  await first;
  expect(await last).toMatchObject({ threadId: before.threadId, callsHere: before.callsHere + 1 });
  // What was passed over in one batch is not in the next.
  const next = await Promise.all(Array.from({ length: 8 }, () => sandbox.function('who')()));
  expect(next).toMatchObject(next.map((_, i) => ({ callsHere: before.callsHere + 2 + i })));
  expect(sandbox.totals().outcomes).toMatchObject({ ok: 11, cancelled: 1, shed: 1 });
});

it('a call has its own deadline where it gives one, shorter or longer than that of the sandbox', async () => {
  const sandbox = await openSandbox({ guests: { calc: { module: calc }, probe }, threads: 1, deadlineMs: 200 });
  const own = await errorOf(sandbox.function('calc.spin').run([], { deadlineMs: 30 }));
  expect(own).toMatchObject({ ...timeout, message: expect.stringContaining('30.0 ms') });
  const common = await errorOf(sandbox.function('calc.spin')());
  expect(common).toMatchObject({ ...timeout, message: expect.stringContaining('200 ms') });
  await sandbox.function('probe.wait').run([400], { deadlineMs: 60_000 });
  expect(sandbox.totals().outcomes).toMatchObject({ timeout: 2, ok: 1 });
});

it('a call with a deadline overruns it also without a deadline of the sandbox and behind calls that have none', async () => {
  const sandbox = await openSandbox({ guests: { calc: { module: calc }, probe }, threads: 1, batchSize: 3 });
  const calls = [
    sandbox.function('probe.wait')(60),
    sandbox.function('calc.spin').run([], { deadlineMs: 20 }),
    sandbox.function('calc.add')(1, 2),
  ];
  const [first, second, third] = await Promise.allSettled(calls);
  expect(second).toMatchObject({ reason: timeout });
  expect(third).toMatchObject({ value: 3 });
  // In a batch the first had ended when its worker was ended, but not been answered: its binding may have been seen to act.
  expect(first).toMatchObject(
    answersAtOnce ? { status: 'fulfilled' } : { reason: { outcome: 'lost', stage: 'return' } },
  );
});

it('a call that waits for a worker longer than it may is shed, and its deadline does not run meanwhile', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  const { begun, letGo } = beginning();
  const blocker = sandbox.function('hold')(begun);
  const patient = sandbox.function('who').run([], { deadlineMs: 600 });
  const impatient = sandbox.function('who').run([], { maxWaitMs: 30 });
  expect(sandbox.queued).toBe(2);
  expect(sandbox.needsDrain).toBe(true);
  expect(await errorOf(impatient)).toMatchObject({ outcome: 'shed' });
  await new Promise((resolve) => setTimeout(resolve, 700));
  letGo();
  await sandbox.drained();
  await blocker;
  expect(await patient).toMatchObject({ callsHere: 1 });
  expect([sandbox.queued, sandbox.needsDrain]).toEqual([0, false]);
});

it('clear() of a sandbox cancels the calls that wait for a worker', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  const { begun, whenBegun, letGo } = beginning();
  const blocker = sandbox.function('hold')(begun);
  await whenBegun;
  const waiting = [sandbox.function('who')(), sandbox.function('who')()];
  const errors = Promise.all(waiting.map(errorOf));
  expect(sandbox.clear('not now')).toBe(2);
  expect(await errors).toEqual(['not now', 'not now']);
  letGo();
  await blocker;
  expect(await sandbox.function('who')()).toMatchObject({ callsHere: 1 });
});

it('close() of a sandbox within a bound ends endless guests and what waits behind them', async () => {
  const sandbox = await createSandbox({ guests, threads: 2, batchSize: 2 });
  const calls = Array.from({ length: 9 }, () => sandbox.function('spin')());
  const errors = Promise.all(calls.map(errorOf));
  await new Promise((resolve) => setImmediate(resolve));
  await sandbox.close({ withinMs: 50 });
  for (const error of await errors)
    expect(error).toMatchObject({ code: 'ERR_SANDTUNE_CANCELLED', outcome: 'cancelled' });
  expect(books(sandbox)).toEqual({ offered: 9, settled: 9, inFlight: 0 });
});
