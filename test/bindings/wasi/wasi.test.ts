import { expect, it } from 'vitest';
import { type WasiOptions, type WasiResult, wasi } from '../../../src/bindings/index.ts';
import { assemble } from '../../sandbox/assemble.ts';

/** Brings up a guest as a sandbox's worker does, without a list of imports. */
function bringUp(text: string, options?: WasiOptions) {
  const module = new WebAssembly.Module(assemble(text));
  const { imports, bind } = wasi(options);
  const self = {
    module,
    memory: undefined,
    exports: undefined as WebAssembly.Exports | undefined,
    instantiate(given: unknown) {
      const instance = new WebAssembly.Instance(module, given as WebAssembly.Imports);
      self.exports = instance.exports;
      return instance;
    },
  };
  const { exports } = self.instantiate(imports(self));
  return bind(exports, self) as Readonly<Record<string, (...args: unknown[]) => WasiResult>>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const from = (name: string, parameters: string, result = '(result i32)') =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${parameters}) ${result}))`;

/** Copies its input to its output in pieces of 8 bytes, and ends with the number of its arguments. */
const echo = `(module
  ${from('fd_read', 'i32 i32 i32 i32')} ${from('fd_write', 'i32 i32 i32 i32')}
  ${from('args_sizes_get', 'i32 i32')} ${from('proc_exit', 'i32', '')}
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $more
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 8))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
      (br_if $more (i32.load (i32.const 8))))
    (drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
    (call $proc_exit (i32.load (i32.const 16)))))`;

/** Appends "!" to the file /out, which it creates, and writes what a missing function answered to its errors. */
const writer = `(module
  ${from('path_open', 'i32 i32 i32 i32 i32 i64 i64 i32 i32')} ${from('fd_write', 'i32 i32 i32 i32')}
  ${from('fd_seek', 'i32 i64 i32 i32')} ${from('sock_shutdown', 'i32 i32')}
  (memory (export "memory") 1) (data (i32.const 100) "out!")
  (global $errno (export "errno") (mut i32) (i32.const 0))
  (func (export "_start")
    (global.set $errno (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 3) (i32.const 1)
      (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 32)))
    (drop (call $fd_seek (i32.load (i32.const 32)) (i64.const 0) (i32.const 2) (i32.const 40)))
    (i32.store (i32.const 0) (i32.const 103)) (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_write (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store8 (i32.const 103) (i32.add (i32.const 48) (call $sock_shutdown (i32.const 0) (i32.const 0))))
    (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

it('a WASI command reads its input, writes its output, and ends with its exit code', () => {
  const { run } = bringUp(echo);
  expect(run?.({ stdin: 'a text of some pieces', args: ['one', 'two'] })).toEqual({
    exitCode: 3,
    stdout: 'a text of some pieces',
    stderr: '',
  });
});

it('what wasi() is given holds for every call, unless the call gives another', () => {
  const run = (input?: object) => bringUp(echo, { stdin: 'given', args: ['x'], output: 'bytes' })['run']?.(input);
  expect(run()).toMatchObject({ exitCode: 2, stdout: bytes('given') });
  expect(run({ args: [], stdin: new Uint8Array([7]) })).toMatchObject({ exitCode: 1, stdout: new Uint8Array([7]) });
});

it('a WASI command finds the files of its call and nothing else, and what it writes is given back', () => {
  const { run } = bringUp(writer);
  const files = { '/out': 'before', 'deep/er/file': 'kept' };
  // ENOSYS is 52, and '0' is 48.
  expect(run?.({ files })).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: String.fromCharCode(48 + 52),
    files: { '/out': bytes('before!'), '/deep/er/file': bytes('kept') },
  });
  expect(files['/out']).toBe('before');
  expect(bringUp(writer)['run']?.({ files: {} })).toMatchObject({ files: { '/out': bytes('!') } });
});

it('a trap of a WASI command is thrown, and a file where a folder is wanted is refused', () => {
  const trap = '(module (memory (export "memory") 1) (func (export "_start") unreachable))';
  expect(() => bringUp(trap)['run']?.()).toThrow(WebAssembly.RuntimeError);
  expect(() => bringUp(trap)['run']?.({ files: { a: '', 'a/b': '' } })).toThrow(/a folder at a of a\/b, got a file/);
});

it('a WASI command that is run a second time in one instance says what it needs', () => {
  const { run } = bringUp(echo);
  run?.();
  expect(() => run?.()).toThrow(/instance: 'per-call'/);
});

it('a WASI reactor is initialised once, and its exports are called', () => {
  const { next } = bringUp(`(module (memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
    (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 10))))
    (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`);
  expect([next?.(), next?.()]).toEqual([11, 12]);
});

it('what a WASI command had written when it trapped comes with the error', () => {
  const { run } = bringUp(`(module ${from('fd_write', 'i32 i32 i32 i32')}
    (memory (export "memory") 1) (data (i32.const 100) "panicked at line 7")
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 18))
      (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
      unreachable))`);
  expect(() => run?.()).toThrow(
    expect.objectContaining({ name: 'RuntimeError', stdout: '', stderr: 'panicked at line 7' }),
  );
});

it.each([
  ['a text', /run\(\): expected \{ args\?, .*, got "a text"/],
  [{ input: 'a text' }, /no option 'input'; expected args, env, stdin, files/],
  [{ args: 'one two' }, /run\(\)\.args: expected a list of texts/],
  [{ args: ['one\0two'] }, /run\(\)\.args\[0\]: expected a text without zeros/],
  [{ env: { N: 1 } }, /run\(\)\.env\.N: expected a text/],
  [{ stdin: [1, 2] }, /run\(\)\.stdin: expected a text or a Uint8Array/],
  [{ files: { a: null } }, /run\(\)\.files\['a'\]: expected a text or a Uint8Array/],
])('what a WASI command cannot be given is refused before it runs: %j', (input, message) => {
  const { run } = bringUp(echo);
  expect(() => run?.(input)).toThrow(message);
  expect(run?.()).toMatchObject({ exitCode: 1 });
});

it('options that wasi() does not have are refused where the binding is loaded', () => {
  expect(() => wasi({ outputs: 'bytes' } as WasiOptions)).toThrow(/wasi\(\): no option 'outputs'.*'output'/);
  expect(() => wasi({ output: 'buffer' } as never)).toThrow(/one of 'text', 'bytes'/);
});

it('a guest without a memory that can be found is refused with what it lacks', () => {
  const { run } = bringUp(`(module ${from('fd_write', 'i32 i32 i32 i32')} (memory 1)
    (func (export "_start") (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`);
  expect(() => run?.()).toThrow("exports its memory as 'memory'");
});
