//! s

pub mod import;
