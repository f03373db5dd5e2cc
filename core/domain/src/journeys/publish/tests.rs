//! Publishing: every problem at once, each with its path.
