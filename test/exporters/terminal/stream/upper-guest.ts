/** A guest for `sandtune stream`: `upper` turns letters into capitals, traps on '!…' and has no result for '-…'; `count` puts its number before each record. */
import wabtInit from 'wabt';

const source = `(module
  (memory (export "memory") 2)
  (global $calls (mut i32) (i32.const 0))
  (func (export "alloc") (param $bytes i32) (result i32)
    (local $missing i32)
    (local.set $missing (i32.sub (i32.div_u (i32.add (local.get $bytes) (i32.const 131071)) (i32.const 65536)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then (drop (memory.grow (local.get $missing)))))
    (i32.const 1024))
  (func (export "upper") (param $at i32) (param $bytes i32) (result i64)
    (local $i i32) (local $byte i32)
    (if (local.get $bytes) (then
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 33)) (then unreachable))
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45)) (then (return (i64.const -1))))))
    (block $done (loop $again
      (br_if $done (i32.ge_u (local.get $i) (local.get $bytes)))
      (local.set $byte (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
        (then (i32.store8 (i32.add (local.get $at) (local.get $i)) (i32.sub (local.get $byte) (i32.const 32)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again)))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $bytes))))
  (func (export "count") (param $at i32) (param $bytes i32) (result i32 i32)
    (local $rest i32) (local $digit i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $rest (global.get $calls))
    (loop $again
      (i32.store8 (i32.sub (i32.const 15) (local.get $digit)) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (local.set $digit (i32.add (local.get $digit) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $digit) (i32.const 8))))
    (i32.const 8) (i32.const 8)))`;

export async function upperGuest(): Promise<Uint8Array> {
  return wasmOf(source);
}

export async function wasmOf(text: string): Promise<Uint8Array> {
  const wabt = await wabtInit();
  return new Uint8Array(wabt.parseWat('guest.wat', text, { multi_value: true }).toBinary({}).buffer);
}
