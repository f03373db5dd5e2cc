;; Writes a line of a level that there is not.
(func $attack (result i32)
  (call $emit (i32.const 77) (i32.const 0) (i32.const 1))
  (i32.const 16))
