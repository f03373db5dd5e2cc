//! Publishing: every problem at once, each with its path; and what can be published can run.

mod problems;
mod walks;
