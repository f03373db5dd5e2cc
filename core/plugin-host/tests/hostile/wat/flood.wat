;; Writes lines of 3 MiB without end.
(func $attack (result i32)
  (drop (memory.grow (i32.const 47)))
  (memory.fill (i32.const 0) (i32.const 120) (i32.const 3145728))
  (loop $again
    (call $emit (i32.const 1) (i32.const 0) (i32.const 3145728))
    (br $again))
  unreachable)
