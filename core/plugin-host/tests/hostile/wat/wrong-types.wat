;; A component, whole: it exports what a health score does, by the right names, as numbers.
(component
  (@custom "jornada:manifest" "MANIFEST")
  (core module $module (func (export "number") (result i32) (i32.const 42)))
  (core instance $instance (instantiate $module))
  (func $number (result u32) (canon lift (core func $instance "number")))
  (instance $score
    (export "describe" (func $number))
    (export "score" (func $number)))
  (instance $schemas (export "config" (func $number)))
  (export "jornada:score/health-score@1.0.0" (instance $score))
  (export "jornada:score/schemas@1.0.0" (instance $schemas)))
