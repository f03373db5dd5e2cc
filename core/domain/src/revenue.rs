//! Money: what accounts pay for.

pub mod subscription;
