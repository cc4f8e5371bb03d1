/** `same` gives a record back where it lies, and traps on one that begins with '!'. */
import wabtInit from 'wabt';

const source = `(module
  (memory (export "memory") 32)
  (func (export "alloc") (param $bytes i32) (result i32) (i32.const 1024))
  (func (export "same") (param $at i32) (param $bytes i32) (result i64)
    (if (local.get $bytes) (then (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 33)) (then unreachable))))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $bytes)))))`;

export async function trappingGuest(): Promise<Uint8Array> {
  const wabt = await wabtInit();
  return new Uint8Array(wabt.parseWat('trapping.wat', source).toBinary({}).buffer);
}
