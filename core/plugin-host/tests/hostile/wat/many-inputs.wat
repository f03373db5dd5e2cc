;; Describes 100,000 inputs, all of them of zeros.
(func $attack (result i32)
  (drop (memory.grow (i32.const 256)))
  (i32.store (i32.const 20) (i32.const 65536))
  (i32.store (i32.const 24) (i32.const 100000))
  (i32.const 16))
