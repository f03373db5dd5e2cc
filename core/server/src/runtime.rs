//! The threads that everything runs on.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// The stack of a thread. A field of a GraphQL answer is resolved within the field around it, and
/// in a debug build each level takes some hundred kilobytes: the usual two megabytes do not last
/// for the depth that a document may have. Only what is used is ever taken from the memory.
pub const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Starts the threads.
pub fn build() -> io::Result<Runtime> {
    Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build()
}
