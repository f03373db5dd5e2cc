//! The frame of the API, which every noun stands in.

mod errors;
mod history;
mod lists;
mod nodes;
mod tokens;
