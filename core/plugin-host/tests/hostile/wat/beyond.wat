;; Describes inputs that lie beyond its memory.
(func $attack (result i32)
  (i32.store (i32.const 20) (i32.const 0x7fff0000))
  (i32.store (i32.const 24) (i32.const 1000))
  (i32.const 16))
