;; Fills 16 MiB again and again: one instruction each time.
(func $attack (result i32)
  (drop (memory.grow (i32.const 255)))
  (loop $again
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 16777216))
    (br $again))
  unreachable)
