;; Counts lines, words and the longest line of a text, 16 bytes at a time (SIMD).
;; The same numbers as `wc -l -w` in the C locale; the longest line in bytes, without its line feed.
;;
;;   begin()            forget everything
;;   update(n)          take in the n bytes (at most 65536) the host wrote at address 0
;;   lines() words() longest()   what was seen since begin()
;;
;; No imports, one page that cannot grow, state in globals: a text of any length goes through in pieces.
(module
  (memory (export "memory") 1 1)
  (global $lines (mut i32) (i32.const 0))
  (global $words (mut i32) (i32.const 0))
  (global $longest (mut i32) (i32.const 0))
  ;; bytes of the line we are in, so far
  (global $length (mut i32) (i32.const 0))
  ;; 1 when the byte before the next one is white space (or there is none)
  (global $afterSpace (mut i32) (i32.const 1))

  (func (export "begin")
    (global.set $lines (i32.const 0))
    (global.set $words (i32.const 0))
    (global.set $longest (i32.const 0))
    (global.set $length (i32.const 0))
    (global.set $afterSpace (i32.const 1)))

  (func (export "update") (param $count i32)
    (local $at i32)        ;; address of this block
    (local $size i32)      ;; its bytes: 16, fewer in the last one
    (local $block v128)
    (local $feeds i32)     ;; bit i: byte i is a line feed
    (local $spaces i32)    ;; bit i: byte i is white space (9 to 13, 32)
    (local $valid i32)     ;; bits of the bytes that belong to the text
    (local $from i32)      ;; where in the block the line we are in begins
    (if (i32.gt_u (local.get $count) (i32.const 65536)) (then (unreachable)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $count)))
        (local.set $size (i32.sub (local.get $count) (local.get $at)))
        (if (i32.gt_u (local.get $size) (i32.const 16)) (then (local.set $size (i32.const 16))))
        (local.set $valid (i32.sub (i32.shl (i32.const 1) (local.get $size)) (i32.const 1)))
        ;; Blocks start at multiples of 16, so the load stays in the page.
        (local.set $block (v128.load (local.get $at)))
        (local.set $feeds (i32.and (local.get $valid)
          (i8x16.bitmask (i8x16.eq (local.get $block) (i8x16.splat (i32.const 10))))))
        (local.set $spaces (i32.and (local.get $valid)
          (i8x16.bitmask (v128.or
            (i8x16.eq (local.get $block) (i8x16.splat (i32.const 32)))
            (i8x16.le_u (i8x16.sub (local.get $block) (i8x16.splat (i32.const 9))) (i8x16.splat (i32.const 4)))))))

        ;; A word starts at a byte that is not white space and comes after one that is.
        (global.set $words (i32.add (global.get $words) (i32.popcnt
          (i32.and
            (i32.and (i32.xor (local.get $spaces) (i32.const -1)) (local.get $valid))
            (i32.or (i32.shl (local.get $spaces) (i32.const 1)) (global.get $afterSpace))))))
        (global.set $afterSpace (i32.and (i32.const 1)
          (i32.shr_u (local.get $spaces) (i32.sub (local.get $size) (i32.const 1)))))

        (global.set $lines (i32.add (global.get $lines) (i32.popcnt (local.get $feeds))))
        (local.set $from (i32.const 0))
        (block $noMore
          (loop $line
            (br_if $noMore (i32.eqz (local.get $feeds)))
            (global.set $length (i32.add (global.get $length)
              (i32.sub (i32.ctz (local.get $feeds)) (local.get $from))))
            (call $measured)
            (global.set $length (i32.const 0))
            (local.set $from (i32.add (i32.ctz (local.get $feeds)) (i32.const 1)))
            ;; clears the lowest bit
            (local.set $feeds (i32.and (local.get $feeds) (i32.sub (local.get $feeds) (i32.const 1))))
            (br $line)))
        (global.set $length (i32.add (global.get $length) (i32.sub (local.get $size) (local.get $from))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    ;; The last line may have no line feed.
    (call $measured))

  (func $measured
    (if (i32.gt_u (global.get $length) (global.get $longest))
      (then (global.set $longest (global.get $length)))))

  (func (export "lines") (result i32) (global.get $lines))
  (func (export "words") (result i32) (global.get $words))
  (func (export "longest") (result i32) (global.get $longest)))
