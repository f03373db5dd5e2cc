;; Fails with words that are no UTF-8.
(func $attack (result i32)
  (i32.store8 (i32.const 16) (i32.const 1))
  (i32.store8 (i32.const 20) (i32.const 2))
  (i32.store (i32.const 24) (i32.const 64))
  (i32.store (i32.const 28) (i32.const 4))
  (i32.store (i32.const 64) (i32.const 0xfffefdfc))
  (i32.const 16))
