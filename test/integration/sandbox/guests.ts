/** Guests in text form for tests with real workers, and a sandbox that closes itself. */
import { onTestFinished } from 'vitest';
import { createSandbox as create } from '../../../src/sandbox/create-sandbox.ts';
import type { GuestOptions } from '../../../src/sandbox/guest-options.ts';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { assemble } from '../../sandbox/assemble.ts';

export const calc = assemble(`(module
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "wide") (param i64) (result i64 f32) (i64.add (local.get 0) (i64.const 1)) (f32.const 0.5))
  (func (export "count") (result i32) (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
  (func (export "boom") unreachable)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "spin") (loop $again br $again))
  (func (export "work") (param $rounds i32)
    (loop $again (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))))`);

const probeModule = assemble(`(module (memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
  (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`);

/** A guest behind probe-binding.ts. */
export const probe: GuestOptions = {
  module: probeModule,
  binding: new URL('./probe-binding.ts', import.meta.url),
  functions: [
    'who',
    'wait',
    'spin',
    'hold',
    'late',
    'flaky',
    'keep',
    'echo',
    'length',
    'view',
    'unpostable',
    'later',
    'exit',
    'fail',
  ],
};

/** How the calls of these tests travel. */
export const transport = process.env['SANDTUNE_TEST_TRANSPORT'] === 'ring' ? 'ring' : 'message';
/** Whether an answer reaches the host before its neighbours have ended. */
export const answersAtOnce = transport === 'ring';

/** Batches are of messages: without them what a test says of its calls holds all the same. */
export function createSandbox({ batchSize, batchLingerMs, ...options }: SandboxOptions): Promise<Sandbox> {
  if (transport === 'ring') return create({ ...options, transport });
  return create({
    transport,
    ...options,
    ...(batchSize !== undefined && { batchSize }),
    ...(batchLingerMs !== undefined && { batchLingerMs }),
  });
}

export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** What a call of `probe.spin` or `probe.hold` is given, what resolves once it runs, and what ends the latter. */
export function beginning(): {
  readonly begun: Int32Array<SharedArrayBuffer>;
  readonly whenBegun: Promise<unknown>;
  readonly letGo: () => void;
} {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const { value } = Atomics.waitAsync(begun, 0, 0);
  const letGo = () => {
    Atomics.store(begun, 0, 2);
    Atomics.notify(begun, 0);
  };
  return { begun, whenBegun: Promise.resolve(value), letGo };
}

/** Offered = sum of outcomes + in flight, always. */
export function books(sandbox: Sandbox): {
  readonly offered: number;
  readonly settled: number;
  readonly inFlight: number;
} {
  const { offered, outcomes, inFlight } = sandbox.totals();
  return { offered, settled: Object.values(outcomes).reduce((sum, count) => sum + count, 0), inFlight };
}

/** Changes of configuration so far. */
export function epochOf(sandbox: Sandbox): number {
  using window = sandbox.openWindow();
  return window.cut().epoch;
}

/** The error a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
