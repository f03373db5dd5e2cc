//! Lines of content that comes in piece by piece, perhaps packed, from senders who may be hostile:
//! no more of it is ever held than one line and what one piece unpacks to.

use std::io::Write;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use flate2::write::MultiGzDecoder;
use futures_util::{Stream, StreamExt};
use jornada_domain::workspace::Locale;
use sha2::{Digest, Sha256};

use crate::messages;

/// How much one load may be. These are all the limits there are, but for those of the fields.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one line.
    pub line: usize,
    /// Lines, empty ones too.
    pub lines: u64,
    /// Bytes as they are sent.
    pub sent: u64,
    /// Bytes when they are unpacked.
    pub unpacked: u64,
    /// How many times larger content may be than what was sent, beyond its first megabyte. Lines
    /// that say something shrink to a tenth, rarely to a fiftieth.
    pub ratio: u64,
    /// How long the sender may be silent.
    pub silence: Duration,
    /// How long all of it may take.
    pub time: Duration,
}

impl Limits {
    /// The limits of a load.
    pub const LOAD: Self = Self {
        line: 16 << 10,
        lines: 10_000_000,
        sent: 2 << 30,
        unpacked: 8 << 30,
        ratio: 200,
        silence: Duration::from_secs(60),
        time: Duration::from_secs(60 * 60),
    };
}

/// Why content is no lines. Those before the place where it broke may have been taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", messages::of_broken(Locale::En, self))]
pub enum Broken {
    /// It says that it is packed, and is not.
    NotGzip { after: u64 },
    /// It ends within its packing, or is not what was packed.
    CutOff { after: u64 },
    /// A line is in another encoding.
    NotUtf8 { line: u64 },
    /// A line is too long.
    LineTooLong { line: u64, max: usize },
    /// There are too many lines.
    TooManyLines { max: u64 },
    /// There is too much.
    TooLarge { max: u64 },
    /// It unpacks to much more than lines that say something would.
    Bomb { ratio: u64 },
    /// Nothing came for a while.
    Silent { seconds: u64, after: u64 },
    /// It takes too long.
    TooSlow { seconds: u64, after: u64 },
    /// The sender went away, or the file cannot be read.
    Lost { after: u64, reason: String },
}

impl Broken {
    /// The same for a program.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotGzip { .. } => "NOT_GZIP",
            Self::CutOff { .. } => "CUT_OFF",
            Self::NotUtf8 { .. } => "NOT_UTF8",
            Self::LineTooLong { .. } => "LINE_TOO_LONG",
            Self::TooManyLines { .. } => "TOO_MANY_LINES",
            Self::TooLarge { .. } => "PAYLOAD_TOO_LARGE",
            Self::Bomb { .. } => "UNPACKS_TOO_FAR",
            Self::Silent { .. } => "SILENT",
            Self::TooSlow { .. } => "TOO_SLOW",
            Self::Lost { .. } => "LOST",
        }
    }

    /// What its message tells, by the name that the message uses.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotGzip { after } | Self::CutOff { after } => vec![("after", after.to_string())],
            Self::NotUtf8 { line } => vec![("line", line.to_string())],
            Self::LineTooLong { line, max } => {
                vec![("line", line.to_string()), ("max", max.to_string())]
            }
            Self::TooManyLines { max } | Self::TooLarge { max } => vec![("max", max.to_string())],
            Self::Bomb { ratio } => vec![("ratio", ratio.to_string())],
            Self::Silent { seconds, after } | Self::TooSlow { seconds, after } => {
                vec![("seconds", seconds.to_string()), ("after", after.to_string())]
            }
            Self::Lost { after, reason } => {
                vec![("after", after.to_string()), ("reason", reason.clone())]
            }
        }
    }
}

enum Packing {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

/// A piece of packed content: unpacked it has at most four megabytes, because gzip packs no more
/// than a thousand times.
const PACKED_PIECE: usize = 4 << 10;

/// A piece of plain content.
const PLAIN_PIECE: usize = 64 << 10;

/// What may unpack to anything: an empty gzip has nothing to compare with.
const FIRST_BYTES: u64 = 1 << 20;

/// The lines of a source.
pub struct Lines<S> {
    source: S,
    packing: Packing,
    limits: Limits,
    begun: Instant,
    /// What has come and was not yet unpacked.
    waiting: Bytes,
    /// Unpacked, with what was read already before `start`.
    buffer: Vec<u8>,
    start: usize,
    /// Up to where there is no end of a line.
    searched: usize,
    line: u64,
    sent: u64,
    unpacked: u64,
    digest: Sha256,
    has_ended: bool,
}

impl<S, E> Lines<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::fmt::Display,
{
    /// The lines of content, which may be packed as gzip.
    pub fn new(source: S, is_gzip: bool, limits: Limits) -> Self {
        let packing = match is_gzip {
            true => Packing::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            false => Packing::Plain,
        };
        Self {
            source,
            packing,
            limits,
            begun: Instant::now(),
            waiting: Bytes::new(),
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            line: 0,
            sent: 0,
            unpacked: 0,
            digest: Sha256::new(),
            has_ended: false,
        }
    }

    /// The next line that is not empty, with its number from 1.
    pub async fn next(&mut self) -> Result<Option<(u64, &str)>, Broken> {
        let (from, to) = loop {
            let Some((from, to)) = self.next_place().await? else { return Ok(None) };
            if !self.buffer[from..to].trim_ascii().is_empty() {
                break (from, to);
            }
        };
        let line = self.line;
        let text = std::str::from_utf8(&self.buffer[from..to]);
        let text = text.map_err(|_| Broken::NotUtf8 { line })?;
        // Some programs mark UTF-8 at its beginning.
        let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        Ok(Some((line, text)))
    }

    /// The SHA-256 of the unpacked content, once all of it was read.
    pub fn digest(self) -> String {
        in_hex(self.digest)
    }

    /// Where the next line stands in the buffer.
    async fn next_place(&mut self) -> Result<Option<(usize, usize)>, Broken> {
        loop {
            let rest = &self.buffer[self.searched..];
            let end = rest.iter().position(|byte| *byte == b'\n').map(|at| self.searched + at);
            let held = end.unwrap_or(self.buffer.len()) - self.start;
            if held > self.limits.line {
                let max = self.limits.line;
                return Err(Broken::LineTooLong { line: self.line + 1, max });
            }
            self.searched = self.buffer.len();
            if end.is_none() && !self.has_ended {
                self.fill().await?;
                continue;
            }
            if end.is_none() && held == 0 {
                return Ok(None);
            }
            let (from, to) = (self.start, end.unwrap_or(self.buffer.len()));
            self.start = (to + 1).min(self.buffer.len());
            self.searched = self.start;
            self.line += 1;
            if self.line > self.limits.lines {
                return Err(Broken::TooManyLines { max: self.limits.lines });
            }
            return Ok(Some((from, to)));
        }
    }

    /// Unpacks one more piece.
    async fn fill(&mut self) -> Result<(), Broken> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        if self.waiting.is_empty() && !self.receive().await? {
            self.has_ended = true;
            if let Packing::Gzip(decoder) = &mut self.packing {
                let after = self.line;
                decoder.try_finish().map_err(|_| Broken::CutOff { after })?;
            }
            return self.take_unpacked(&[]);
        }
        let piece = match self.packing {
            Packing::Plain => PLAIN_PIECE,
            Packing::Gzip(_) => PACKED_PIECE,
        };
        let piece = self.waiting.split_to(piece.min(self.waiting.len()));
        self.sent += piece.len() as u64;
        if self.sent > self.limits.sent {
            return Err(Broken::TooLarge { max: self.limits.sent });
        }
        if let Packing::Gzip(decoder) = &mut self.packing {
            let after = self.line;
            decoder.write_all(&piece).map_err(|_| Broken::NotGzip { after })?;
        }
        self.take_unpacked(&piece)
    }

    /// Moves what was unpacked behind what is there; of plain content that is the piece itself.
    fn take_unpacked(&mut self, piece: &[u8]) -> Result<(), Broken> {
        let before = self.buffer.len();
        match &mut self.packing {
            Packing::Plain => self.buffer.extend_from_slice(piece),
            Packing::Gzip(decoder) => self.buffer.append(decoder.get_mut()),
        }
        let new = &self.buffer[before..];
        self.digest.update(new);
        self.unpacked += new.len() as u64;
        let Limits { unpacked: max, ratio, .. } = self.limits;
        if self.unpacked > max {
            return Err(Broken::TooLarge { max });
        }
        if self.unpacked.saturating_sub(FIRST_BYTES) > self.sent * ratio {
            return Err(Broken::Bomb { ratio });
        }
        Ok(())
    }

    /// Waits for what comes next; says whether there is something.
    async fn receive(&mut self) -> Result<bool, Broken> {
        let (silence, after) = (self.limits.silence, self.line);
        let silent = |_| Broken::Silent { seconds: silence.as_secs(), after };
        loop {
            if self.begun.elapsed() > self.limits.time {
                return Err(Broken::TooSlow { seconds: self.limits.time.as_secs(), after });
            }
            match tokio::time::timeout(silence, self.source.next()).await.map_err(silent)? {
                None => return Ok(false),
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(Ok(piece)) => {
                    self.waiting = piece;
                    return Ok(true);
                }
                Some(Err(error)) => {
                    return Err(Broken::Lost { after, reason: error.to_string() });
                }
            }
        }
    }
}

/// A digest as it is kept.
pub fn in_hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
