//! What plugins write for their authors: so many bytes of a call are kept. What comes after is
//! dropped unread, so that it costs nothing to be told a lot.

use serde::Serialize;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, WasmStr};

use crate::bindings::log;
use crate::call::State;
use crate::text::is_plain;

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogLevel {
    /// For the author alone.
    Debug,
    /// For who wonders what it does.
    Info,
    /// Something is odd.
    Warn,
    /// Something went wrong.
    Error,
}

/// What a plugin wrote into the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// One line, without control characters.
    pub message: String,
}

/// The interface whose one function this is.
const INTERFACE: &str = "jornada:host/log@1.0.0";

/// What it costs a plugin to ask the host for anything: about what it costs the host.
const FUEL: u64 = 200;

/// The lines of a call.
pub(crate) struct Log {
    pub(crate) lines: Vec<LogLine>,
    /// How many were dropped, or cut short.
    pub(crate) dropped: u64,
    left: usize,
}

/// Bytes that a line costs beside its text.
const LINE_BYTES: usize = 16;

/// How the SDK tells of a panic before it breaks off.
const PANIC: &str = "panicked at ";

impl Log {
    /// Room for so many bytes.
    pub(crate) fn new(limit: u64) -> Self {
        let left = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { lines: Vec::new(), dropped: 0, left }
    }

    /// Words of a panic, if the last line is one.
    pub(crate) fn panic(&self) -> Option<String> {
        let last = self.lines.last()?;
        last.message.starts_with(PANIC).then(|| last.message.clone())
    }

    fn is_full(&self) -> bool {
        self.left < LINE_BYTES
    }

    /// Keeps a line, or as much of it as there is room for. Then the log is full.
    fn push(&mut self, level: LogLevel, message: &str) {
        let room = self.left.saturating_sub(LINE_BYTES);
        let mut plain = String::with_capacity(message.len().min(room));
        for c in message.chars() {
            let length = plain.len();
            if !is_plain(c, false) {
                plain.extend(c.escape_debug())
            } else {
                plain.push(c)
            }
            if plain.len() > room {
                plain.truncate(length);
                self.dropped += 1;
                self.left = 0;
                break;
            }
        }
        self.left = self.left.saturating_sub(plain.len() + LINE_BYTES);
        self.lines.push(LogLine { level, message: plain });
    }
}

/// Lets plugins write into the log of their call.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap("emit", emit)
}

fn emit(
    mut store: StoreContextMut<'_, State>,
    (level, message): (log::Level, WasmStr),
) -> wasmtime::Result<()> {
    let left = store.get_fuel()?;
    store.set_fuel(left.saturating_sub(FUEL))?;
    if store.data().log.is_full() {
        store.data_mut().log.dropped += 1;
        return Ok(());
    }
    let message = message.to_str(&store)?.into_owned();
    let level = match level {
        log::Level::Debug => LogLevel::Debug,
        log::Level::Info => LogLevel::Info,
        log::Level::Warn => LogLevel::Warn,
        log::Level::Error => LogLevel::Error,
    };
    store.data_mut().log.push(level, &message);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(limit: u64, messages: &[&str]) -> Log {
        let mut log = Log::new(limit);
        for message in messages {
            log.push(LogLevel::Info, message);
        }
        log
    }

    #[test]
    fn a_line_that_has_no_room_is_cut_and_the_log_is_full() {
        let log = told(20, &["abcdef"]);
        assert_eq!(log.lines[0].message, "abcd");
        assert!(log.is_full());
        assert_eq!(log.dropped, 1);
    }

    #[test]
    fn control_characters_are_escaped_and_never_cut_in_two() {
        assert_eq!(told(100, &["a\nb\u{1b}"]).lines[0].message, "a\\nb\\u{1b}");
        assert_eq!(told(19, &["ab\n"]).lines[0].message, "ab");
        assert_eq!(told(100, &["a\u{202e}b"]).lines[0].message, "a\\u{202e}b");
    }

    #[test]
    fn a_panic_is_known_by_its_words() {
        assert_eq!(told(100, &["panicked at x: no"]).panic().as_deref(), Some("panicked at x: no"));
        assert_eq!(told(100, &["all is well"]).panic(), None);
    }
}
