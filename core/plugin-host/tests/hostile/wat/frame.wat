;; What each of these modules has around it: what a health score exports. They attack when they are
;; asked to describe themselves, by a function that is called $attack.
(import "jornada:host/log@1.0.0" "emit" (func $emit (param i32 i32 i32)))
(memory $first (export "memory") 1)
;; The host puts what it passes to the plugin here: no more than a short configuration.
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
(func (export "jornada:score/health-score@1.0.0#describe") (param i32 i32) (result i32)
  (call $attack))
(func (export "jornada:score/health-score@1.0.0#score")
  (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  unreachable)
(func (export "jornada:score/schemas@1.0.0#config") (result i32) unreachable)
