/** The guest of the stream's figures: `same` gives each record back where it lies, `spin` turns a loop of some 10 µs first. */
import wabtInit from 'wabt';

const source = `(module
  (memory (export "memory") 64)
  (func (export "alloc") (param $bytes i32) (result i32)
    (local $missing i32)
    (local.set $missing (i32.sub
      (i32.div_u (i32.add (local.get $bytes) (i32.const 131071)) (i32.const 65536)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then (drop (memory.grow (local.get $missing)))))
    (i32.const 65536))
  (func (export "spin") (param $at i32) (param $bytes i32) (result i64)
    (local $turns i32)
    (local.set $turns (i32.const 8000))
    (loop $again
      (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (local.get $turns)))
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $bytes))))
  (func (export "same") (param $at i32) (param $bytes i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $bytes)))))`;

export async function streamGuest(): Promise<Uint8Array<ArrayBuffer>> {
  const wabt = await wabtInit();
  return new Uint8Array(wabt.parseWat('same.wat', source).toBinary({}).buffer);
}
