;; Fails in a way that there is not.
(func $attack (result i32)
  (i32.store8 (i32.const 16) (i32.const 1))
  (i32.store8 (i32.const 20) (i32.const 9))
  (i32.const 16))
