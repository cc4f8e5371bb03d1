/**
 * The one guest all arms of this suite call: `work(n)` turns a loop n times and returns a checksum, and
 * `mix(n, seed)` one that begins with a seed, so that no arm can win by not doing the work.
 */
import wabtInit from 'wabt';

const source = `(module
  (func (export "mix") (param $n i32) (param $x i32) (result i32) (local $i i32)
    (block $done (loop $again
      (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
      (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 1664525)) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again)))
    (local.get $x))
  (func (export "work") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (local.set $x (i32.const 1))
    (block $done (loop $again
      (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
      (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 1664525)) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again)))
    (local.get $x)))`;

export async function guestBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const wabt = await wabtInit();
  return new Uint8Array(wabt.parseWat('work.wat', source).toBinary({}).buffer);
}

/** The same checksums in JavaScript. */
export function expectedWork(n: number): number {
  return expectedMix(n, 1);
}

export function expectedMix(n: number, seed: number): number {
  let x = seed;
  for (let i = 0; i < n; i++) x = Math.imul(x, 1664525) ^ i;
  return x | 0;
}
