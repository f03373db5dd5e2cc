//! Personal data: what is given out, what is erased, for how long records are kept, and that a
//! backup brings nobody back.

mod erasure;
mod export;
mod restore;
mod retention;
mod story;
mod traces;
