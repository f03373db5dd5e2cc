//! Metrics: quantities that are measured elsewhere and arrive aggregated per period.

pub mod metric;
pub mod point;
