//! A CSV file as rows: its separator and encoding recognised, every record within its limit.
//!
//! A file is looked through once before its rows are used, so that one that cannot be read to
//! the end changes nothing. Memory holds one record at a time.

use std::io::{self, BufRead, BufReader, Read, Seek};

use csv::{StringRecord, Terminator};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::encoding::{Spoilt, Utf8, recognise};
use super::mapping::Unclear;
use super::quotes::Quotes;

/// The longest record, in bytes. A quote that is never closed would make the rest of the file one
/// record.
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// The most columns of a file.
pub const MAX_COLUMNS: usize = 500;

/// The most rows of one file: what the import remembers about each must fit into memory.
pub const MAX_ROWS: u64 = 1_000_000;

/// Why a file cannot be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The operating system says no.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// A workbook instead of a text.
    #[error("it is a spreadsheet: save it there as CSV (UTF-8) and import that file")]
    Spreadsheet,
    /// A gzip file instead of a text.
    #[error("it is packed: unpack it and import the file in it")]
    Packed,
    /// A folder instead of a file.
    #[error("it is a directory: name a file in it")]
    Directory,
    /// Bytes that no text has, as UTF-16 without its mark has them.
    #[error("it is no text, or UTF-16 without its mark: save it again as CSV (UTF-8)")]
    NoText,
    /// A byte order mark of another encoding.
    #[error("its byte order mark contradicts its content: save it again as CSV (UTF-8)")]
    BrokenEncoding,
    /// Bytes that are no letters, among letters of UTF-8.
    #[error(
        "line {line} has bytes that are no UTF-8, and most other letters are: mend that line, or \
         save the file again as CSV (UTF-8)"
    )]
    SomeBrokenBytes {
        /// Counted from 1.
        line: u64,
    },
    /// Not even a header.
    #[error("it is empty: its first line must name the columns")]
    Empty,
    /// More columns than [`MAX_COLUMNS`].
    #[error("it has more than {MAX_COLUMNS} columns: remove those that are not needed")]
    TooManyColumns,
    /// More rows than [`MAX_ROWS`].
    #[error("it has more than {MAX_ROWS} rows: split it and import the parts")]
    TooManyRows,
    /// A record beyond [`MAX_RECORD_BYTES`].
    #[error(
        "the record that begins in line {line} has more than {MAX_RECORD_BYTES} bytes: \
         look for a quotation mark that is not closed"
    )]
    RecordTooLong {
        /// Counted from 1.
        line: u64,
    },
    /// A line beyond [`MAX_LINE_BYTES`].
    #[error("line {line} is longer than {MAX_LINE_BYTES} bytes: no table has such lines")]
    LineTooLong {
        /// Counted from 1.
        line: u64,
    },
    /// A cell that begins with a quotation mark and does not end with one.
    #[error(
        "the quotation mark in line {line} is never closed: close it behind the cell, or remove it"
    )]
    UnclosedQuote {
        /// Counted from 1.
        line: u64,
    },
    /// A mapping that says nothing clear.
    #[error("the mapping is not clear: {0}")]
    Mapping(#[from] Unclear),
    /// A column without which rows cannot be imported.
    #[error("it has no column `{0}`: name it in the first line")]
    MissingColumn(&'static str),
    /// Two columns for one field.
    #[error("its columns `{first}` and `{second}` both mean `{field}`: rename or remove one")]
    AmbiguousColumn {
        /// The name that is used in messages.
        field: String,
        /// The header of the first column.
        first: String,
        /// The header of the second column.
        second: String,
    },
}

impl From<Spoilt> for Unusable {
    fn from(spoilt: Spoilt) -> Self {
        match spoilt {
            Spoilt::Mark => Self::BrokenEncoding,
            Spoilt::Bytes { line } => Self::SomeBrokenBytes { line },
        }
    }
}

/// A file that has been looked through.
pub struct Table<S> {
    source: S,
    encoding: &'static Encoding,
    separator: u8,
    headers: StringRecord,
    rows: u64,
}

/// A row and where it begins.
#[derive(Debug)]
pub struct Row {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The cells, without the space around them; perhaps fewer or more than there are headers.
    pub cells: StringRecord,
}

impl<S: Read + Seek> Table<S> {
    /// Looks through a whole file.
    pub fn open(mut source: S) -> Result<Self, Unusable> {
        refuse_packed(&mut source)?;
        source.rewind()?;
        let mut lines = Lines::new(&mut source);
        let encoding = match recognise(&mut lines) {
            Err(_) if lines.is_too_long() => {
                return Err(Unusable::LineTooLong { line: lines.line });
            }
            recognised => recognised??,
        };
        let headers = StringRecord::new();
        let mut table = Self { source, encoding, separator: b',', headers, rows: 0 };
        let first_line = table.first_line()?;
        if first_line.contains('\0') {
            return Err(Unusable::NoText);
        }
        table.separator = separator_of(&first_line);
        let mut rows = table.read()?;
        let headers = rows.next().ok_or(Unusable::Empty)??.cells;
        if headers.len() > MAX_COLUMNS {
            return Err(Unusable::TooManyColumns);
        }
        let mut count = 0;
        for row in rows {
            row?;
            count += 1;
            if count > MAX_ROWS {
                return Err(Unusable::TooManyRows);
            }
        }
        table.look_for_quotes()?;
        Ok(Self { headers, rows: count, ..table })
    }

    /// Refuses a quotation mark that is never closed: its cell would swallow rows.
    fn look_for_quotes(&mut self) -> Result<(), Unusable> {
        self.source.rewind()?;
        let mut text = BufReader::new(Utf8::new(&mut self.source, self.encoding));
        let mut quotes = Quotes::new(self.separator);
        let unclosed = |line| Unusable::UnclosedQuote { line };
        loop {
            let bytes = text.fill_buf()?;
            let length = bytes.len();
            if length == 0 {
                return quotes.end().map_err(unclosed);
            }
            quotes.look(bytes).map_err(unclosed)?;
            text.consume(length);
        }
    }

    /// The cells of the first line.
    pub fn headers(&self) -> &StringRecord {
        &self.headers
    }

    /// How many rows there are; empty ones do not count.
    pub fn row_count(&self) -> u64 {
        self.rows
    }

    /// Whether its encoding is a guess: nothing in a file tells Latin-1 from its kin.
    pub fn is_guessed(&self) -> bool {
        self.encoding == WINDOWS_1252
    }

    /// What stands between two cells.
    pub fn separator(&self) -> u8 {
        self.separator
    }

    /// The rows, from the first one on.
    pub fn rows(&mut self) -> Result<impl Iterator<Item = Result<Row, Unusable>>, Unusable> {
        Ok(self.read()?.skip(1))
    }

    fn read(&mut self) -> Result<Records<'_, S>, Unusable> {
        let separator = self.separator;
        let reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(self.text()?);
        Ok(Records { reader })
    }

    fn text(&mut self) -> Result<Text<'_, S>, Unusable> {
        self.source.rewind()?;
        let text = Utf8::new(&mut self.source, self.encoding).chain(LAST_LINE_END);
        Ok(Rationed { source: text, left: MAX_RECORD_BYTES })
    }

    fn first_line(&mut self) -> Result<String, Unusable> {
        let mut line = String::new();
        let mut text = BufReader::new(self.text()?);
        let outcome = text.read_line(&mut line);
        let is_too_long = text.get_ref().left == 0;
        match outcome {
            Ok(_) => Ok(line),
            Err(_) if is_too_long => Err(Unusable::RecordTooLong { line: 1 }),
            Err(error) => Err(error.into()),
        }
    }
}

type Text<'s, S> = Rationed<io::Chain<Utf8<&'s mut S>, &'static [u8]>>;

/// Added to every file, so that its last record ends with its line as the others do.
const LAST_LINE_END: &[u8] = b"\n";

/// Every record, the headers among them, without those whose cells are all empty.
struct Records<'s, S: Read> {
    reader: csv::Reader<Text<'s, S>>,
}

impl<S: Read> Iterator for Records<'_, S> {
    type Item = Result<Row, Unusable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let begins = self.reader.position().line();
            self.reader.get_mut().left = MAX_RECORD_BYTES;
            let mut cells = StringRecord::new();
            match self.reader.read_record(&mut cells) {
                Ok(false) => return None,
                Ok(true) => {
                    let line = self.reader.position().line() - lines_of(&cells);
                    cells.trim();
                    if cells.iter().any(|cell| !cell.is_empty()) {
                        return Some(Ok(Row { line, cells }));
                    }
                }
                Err(_) if self.reader.get_ref().left == 0 => {
                    return Some(Err(Unusable::RecordTooLong { line: begins }));
                }
                Err(error) => return Some(Err(Unusable::Io(error.into()))),
            }
        }
    }
}

/// The lines of a record, whose cells may hold line breaks. Its first line follows from its last
/// one, since the reader counts the empty lines before a record as its own.
fn lines_of(cells: &StringRecord) -> u64 {
    let breaks = cells.iter().flat_map(str::bytes).filter(|byte| *byte == b'\n').count();
    breaks as u64 + 1
}

/// Hands out a ration of bytes and then fails, so that whoever collects a record cannot collect
/// without end. The ration is renewed with every record.
struct Rationed<R> {
    source: R,
    left: usize,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(self.left);
        let length = self.source.read(&mut out[..most])?;
        self.left -= length;
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the record is too long"));
        }
        Ok(length)
    }
}

/// Hands out bytes until a line is longer than any record may be: a file of one endless line is
/// not read to its end.
struct Lines<R> {
    source: R,
    line: u64,
    length: usize,
}

/// The longest line in bytes, whatever its encoding: no letter takes more than four.
const MAX_LINE_BYTES: usize = 4 * MAX_RECORD_BYTES;

impl<R: Read> Lines<R> {
    fn new(source: R) -> Self {
        Self { source, line: 1, length: 0 }
    }

    fn is_too_long(&self) -> bool {
        self.length > MAX_LINE_BYTES
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_too_long() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the line is too long"));
        }
        let length = self.source.read(out)?;
        let piece = &out[..length];
        match piece.iter().rposition(|byte| *byte == b'\n') {
            None => self.length += length,
            Some(last) => {
                let breaks = piece.iter().filter(|byte| **byte == b'\n').count();
                self.line += breaks as u64;
                self.length = length - last - 1;
            }
        }
        Ok(length)
    }
}

/// Workbooks begin with the mark of a ZIP archive, or of the container before it. Nothing that is
/// packed is unpacked here.
fn refuse_packed(source: &mut impl Read) -> Result<(), Unusable> {
    let mut mark = Vec::with_capacity(4);
    source.take(4).read_to_end(&mut mark)?;
    match mark.as_slice() {
        b"PK\x03\x04" | b"\xd0\xcf\x11\xe0" => Err(Unusable::Spreadsheet),
        [0x1f, 0x8b, ..] => Err(Unusable::Packed),
        _ => Ok(()),
    }
}

/// The one of comma, semicolon and tab that the first line has most of, outside of quotes.
fn separator_of(line: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in line.bytes() {
        is_quoted ^= byte == b'"';
        for (separator, count) in &mut counts {
            *count += usize::from(!is_quoted && byte == *separator);
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests;
