;; Writes one line of 16 MiB.
(func $attack (result i32)
  (drop (memory.grow (i32.const 255)))
  (call $emit (i32.const 1) (i32.const 0) (i32.const 16777216))
  unreachable)
