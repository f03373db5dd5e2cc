//! Metrics: quantities that are measured elsewhere and arrive aggregated per period.

pub mod load;
pub mod metric;
pub mod point;
pub mod retention;
pub mod trend;
pub mod window;
