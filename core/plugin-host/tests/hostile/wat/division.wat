;; Divides by nothing, three calls deep.
(func $inner (param $by i32) (result i32) (i32.div_u (i32.const 1) (local.get $by)))
(func $outer (result i32) (call $inner (i32.const 0)))
(func $attack (result i32) (call $outer))
