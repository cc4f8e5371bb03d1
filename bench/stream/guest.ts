/**
 * The guest of the stream's figures: `same` gives each record back where it lies, `spin` turns a loop of some 10 µs
 * first. One that keeps a state has filled its pages at its start, and writes to the next of them with each record that
 * `same` is given, so that all have changed by the next checkpoint.
 */
import wabtInit from 'wabt';

const pageBytes = 65_536;

/** @param pages of its state; records lie behind it, in what the memory grows by */
const sourceOf = (pages: number) => `(module
  (memory (export "memory") ${pages + 1})
  (global $page (mut i32) (i32.const 0))
  (func $fill
    (local $at i32)
    (loop $next
      (memory.fill (local.get $at)
        (i32.add (i32.rem_u (i32.shr_u (local.get $at) (i32.const 16)) (i32.const 251)) (i32.const 1))
        (i32.const ${pageBytes}))
      (local.set $at (i32.add (local.get $at) (i32.const ${pageBytes})))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${pages * pageBytes})))))
  (start $fill)
  (func (export "alloc") (param $bytes i32) (result i32)
    (local $missing i32)
    (local.set $missing (i32.sub
      (i32.div_u (i32.add (local.get $bytes) (i32.const ${(pages + 1) * pageBytes - 1})) (i32.const ${pageBytes}))
      (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then (drop (memory.grow (local.get $missing)))))
    (i32.const ${pages * pageBytes}))
  (func (export "spin") (param $at i32) (param $bytes i32) (result i64)
    (local $turns i32)
    (local.set $turns (i32.const 8000))
    (loop $again
      (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (local.get $turns)))
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $bytes))))
  (func (export "same") (param $at i32) (param $bytes i32) (result i64)
    (local $state i32)
    ${pages > 1 ? touch(pages) : ''}
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $bytes)))))`;

const touch = (pages: number) => `
    (local.set $state (i32.shl (global.get $page) (i32.const 16)))
    (i32.store (local.get $state) (i32.add (i32.load (local.get $state)) (i32.const 1)))
    (global.set $page (i32.rem_u (i32.add (global.get $page) (i32.const 1)) (i32.const ${pages})))`;

/** @param stateBytes of its memory, the page that records lie in at first included; 0: it keeps none */
export async function streamGuest(stateBytes = 0): Promise<Uint8Array<ArrayBuffer>> {
  const wabt = await wabtInit();
  const pages = Math.max(1, Math.ceil(stateBytes / pageBytes) - 1);
  return new Uint8Array(wabt.parseWat('same.wat', sourceOf(pages), { bulk_memory: true }).toBinary({}).buffer);
}
