;; A component that imports something and exports, by its name alone, a health score.
(component
  (@custom "jornada:manifest" "MANIFEST")
  (import "IMPORT" (instance))
  (instance $none)
  (export "EXPORT" (instance $none)))
