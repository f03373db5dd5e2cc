//! Tasks: how they are done, left out, opened again, moved and written down.

mod own;
mod work;
