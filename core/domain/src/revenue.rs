//! Money: what accounts pay for.

mod currency;
pub mod subscription;
