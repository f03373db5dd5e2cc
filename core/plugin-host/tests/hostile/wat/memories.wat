;; Takes 20 MiB in each of two memories: neither is too large by itself.
(memory $second 0)
(func $grow (param $pages i32) (result i32)
  (if (i32.eq (memory.grow $first (local.get $pages)) (i32.const -1)) (then unreachable))
  (memory.grow $second (local.get $pages)))
(func $attack (result i32)
  (if (i32.eq (call $grow (i32.const 320)) (i32.const -1)) (then unreachable))
  ;; It got them: it fails in its own words.
  (i32.store8 (i32.const 16) (i32.const 1))
  (i32.store8 (i32.const 20) (i32.const 2))
  (i32.const 16))
