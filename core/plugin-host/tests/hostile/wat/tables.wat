;; Takes memory by the entries of a table.
(table $entries 0 funcref)
(func $attack (result i32)
  (if (i32.eq (table.grow $entries (ref.null func) (i32.const 4000000)) (i32.const -1))
    (then unreachable))
  (i32.const 16))
