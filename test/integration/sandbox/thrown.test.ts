import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { createSandbox, errorOf, openSandbox } from './guests.ts';

// A machine with other things to do may take many times as long to start a worker.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const source = `(module $lexer (memory (export "memory") 1)
  (func $parse_header unreachable)
  (func $main (export "run") call $parse_header))`;

interface Failed extends Error {
  readonly cause: Error & { readonly stack: string };
}

const functions = ['trap', 'fail', 'leave', 'exit', 'long', 'unpostable'];
let sandbox: Sandbox;

beforeAll(async () => {
  const binding = new URL('./throwing-binding.ts', import.meta.url);
  const guest = { module: assemble(source, { names: true }), binding, functions };
  sandbox = await createSandbox({ guests: { guest }, threads: 1 });
});
afterAll(() => sandbox.close());

async function throwing(fn: string): Promise<Failed> {
  return (await errorOf(sandbox.function(fn)())) as Failed;
}

async function trapOf(module: Uint8Array): Promise<Failed> {
  const raw = await openSandbox({ guests: { guest: { module } }, threads: 1 });
  return (await errorOf(raw.function('run')())) as Failed;
}

describe('what a guest or its binding threw is the cause of the call', () => {
  it('a trap has the stack of the guest, with the names of its name section', async () => {
    const { cause, message } = await trapOf(assemble(source, { names: true }));
    expect(message).toBe('guest.run: unreachable');
    expect(cause).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(cause.stack).toMatch(/lexer\.parse_header .*\n.*lexer\.main /);
  });

  it('a trap of a guest without names has the offsets of the bytes that the host gave', async () => {
    const module = assemble(source);
    const { stack } = (await trapOf(module)).cause;
    // The same bytes run here, where nothing was rewritten, so V8 tells the offsets that a tool finds in the file.
    const here = new WebAssembly.Instance(new WebAssembly.Module(module)).exports['run'] as () => void;
    const offsets = (text: string) => [...text.matchAll(/wasm-function\[\d+\]:0x[0-9a-f]+/g)].map(String);
    const there = offsets(String(((await errorOf((async () => here())())) as Error).stack));
    expect(offsets(stack)).toEqual(there);
    expect(there).toHaveLength(2);
  });

  it('the stack of a trap reaches up to the function that was called, also where the guest is deep in its own', async () => {
    const module = assemble(
      `(module
        (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else unreachable)))
        (func $main (export "run") (call $down (i32.const 30))))`,
      { names: true },
    );
    const { stack } = (await trapOf(module)).cause;
    expect(stack.match(/at down /g)).toHaveLength(31);
    expect(stack).toContain('at main ');
  });

  it("an error of the binding has the binding's file, its own code and its cause", async () => {
    const error = await throwing('fail');
    expect(error).toMatchObject({ code: 'ERR_SANDTUNE_TRAP', outcome: 'trap', stage: 'execute' });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ message: 'bad input', code: 'E_BAD', cause: { message: 'line 7', errno: -2 } });
    expect(error.cause.stack).toMatch(/throwing-binding\.ts/);
  });

  it('a trap behind a binding has the stack of both', async () => {
    const { stack } = (await throwing('trap')).cause;
    expect(stack).toMatch(/parse_header[^]*throwing-binding\.ts/);
  });

  it('an object that is thrown arrives with its properties', async () => {
    expect(await throwing('leave')).toMatchObject({
      message: 'guest.leave: {"exitCode":3}',
      cause: { exitCode: 3 },
    });
  });

  it('a call whose code ends its thread is lost, with the exit code', async () => {
    expect(await throwing('exit')).toMatchObject({
      code: 'ERR_SANDTUNE_WORKER_LOST',
      outcome: 'lost',
      cause: { exitCode: 5, message: expect.stringContaining('exit code 5') },
    });
  });

  it.each(['long', 'unpostable'])('a text without end arrives cut: %s', async (fn) => {
    const error = await throwing(fn);
    expect(error.message.length).toBeLessThan(5000);
    expect(Buffer.byteLength(error.cause.message)).toBeLessThan(64 * 1024);
    expect(error.cause.stack.length).toBeLessThan(70_000);
  });
});
