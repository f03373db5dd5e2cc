//! Compiles one plugin and ends: what `Compiler` starts in a process of its own. It is linked with
//! nothing but the engine, so that its limit of memory is one of the compiler alone.

use std::process::ExitCode;

fn main() -> ExitCode {
    jornada_plugin_host::compile::child(std::env::args().skip(1))
}
