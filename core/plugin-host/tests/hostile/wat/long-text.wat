;; Fails with 6 MiB of words.
(func $attack (result i32)
  (drop (memory.grow (i32.const 96)))
  (memory.fill (i32.const 65536) (i32.const 120) (i32.const 6291456))
  (i32.store8 (i32.const 16) (i32.const 1))
  (i32.store8 (i32.const 20) (i32.const 2))
  (i32.store (i32.const 24) (i32.const 65536))
  (i32.store (i32.const 28) (i32.const 6291456))
  (i32.const 16))
