//! Money: what accounts pay for.

mod currency;
pub mod money;
pub mod subscription;
