//! Lines for the author of the plugin. They stand in the record of the call; nobody who uses the
//! workspace sees them. A call may write 16 KiB unless the operator says otherwise; what is more is
//! dropped. Outside of WebAssembly, in tests, they go to the standard error output.
//!
//! ```
//! use jornada_plugin_sdk::log;
//!
//! log::debug(format!("{} of {} inputs are known", 3, 5));
//! log::info("scored by the model of 2026");
//! log::warn("the plan has no goals");
//! log::error("the input query answers what it never should");
//! ```

use crate::bindings::score::jornada::host::log::Level;

/// Writes a line that only matters while one looks for a mistake.
///
/// ```
/// use jornada_plugin_sdk::log;
///
/// let inputs = [Some(3.0), None, Some(0.5)];
/// log::debug(format!("{} of {} inputs are known", inputs.iter().flatten().count(), inputs.len()));
/// ```
pub fn debug(message: impl AsRef<str>) {
    emit(Level::Debug, message.as_ref());
}

/// Writes a line about what is done.
///
/// ```
/// use jornada_plugin_sdk::log;
///
/// let model = "2026-01";
/// log::info(format!("scored by the model of {model}"));
/// ```
pub fn info(message: impl AsRef<str>) {
    emit(Level::Info, message.as_ref());
}

/// Writes a line about something odd.
///
/// ```
/// use jornada_plugin_sdk::log;
///
/// let goals: Vec<String> = Vec::new();
/// if goals.is_empty() {
///     log::warn("the plan has no goals");
/// }
/// ```
pub fn warn(message: impl AsRef<str>) {
    emit(Level::Warn, message.as_ref());
}

/// Writes a line about something that went wrong.
///
/// ```
/// use jornada_plugin_sdk::{date::Date, log};
///
/// let told: Result<Date, String> = "31/12/2026".parse();
/// if let Err(told) = &told {
///     log::error(told);
/// }
/// assert!(told.is_err());
/// ```
pub fn error(message: impl AsRef<str>) {
    emit(Level::Error, message.as_ref());
}

#[cfg(target_family = "wasm")]
fn emit(level: Level, message: &str) {
    crate::bindings::score::jornada::host::log::emit(level, message);
}

#[cfg(not(target_family = "wasm"))]
fn emit(level: Level, message: &str) {
    let level = match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    eprintln!("{level}: {message}");
}

/// Lets the host know the words of a panic, which would be lost otherwise.
#[doc(hidden)]
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let words = payload.downcast_ref::<&str>().copied();
        let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        error(format!("panicked at {place}: {}", words.unwrap_or_default()));
    }));
}
