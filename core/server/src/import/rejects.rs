//! The file of rejected rows: each as it was, with the reason behind it, to be mended and
//! imported again.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use csv::StringRecord;

/// The column that the file of rejected rows adds; it says nothing about a record.
pub const REJECTED_REASON: &str = "rejected_reason";

/// Writes rejected rows. There is no file until there is a row to write.
pub struct Rejects {
    path: PathBuf,
    separator: u8,
    headers: StringRecord,
    writer: Option<csv::Writer<File>>,
}

impl Rejects {
    /// Rejected rows of a table with these headers go to `path`.
    pub fn new(path: PathBuf, separator: u8, headers: StringRecord) -> Self {
        Self { path, separator, headers, writer: None }
    }

    /// How many bytes were written, all of which are in the file now.
    pub fn bytes(&mut self) -> io::Result<u64> {
        let Some(writer) = &mut self.writer else { return Ok(0) };
        writer.flush()?;
        Ok(writer.get_ref().metadata()?.len())
    }

    /// Goes back to where the file was so long: what was added since is not there. So an import
    /// that was cut off goes on with the file that it left.
    pub fn go_back(&mut self, bytes: u64) -> anyhow::Result<()> {
        let gone_back = self.cut(bytes);
        let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        if gone_back.as_ref().is_err_and(is_gone) {
            let path = self.path.display();
            bail!(
                "the rows that were rejected before the import was cut off are no longer in \
                 {path}: put that file back, or begin anew with --restart"
            );
        }
        gone_back.with_context(|| format!("cannot go on with {}", self.path.display()))
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        let is_new = self.writer.take().is_none();
        if bytes == 0 {
            // A file of an import before this one is not ours to remove.
            return if is_new { Ok(()) } else { std::fs::remove_file(&self.path) };
        }
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        if file.metadata()?.len() < bytes {
            return Err(io::Error::other("it is shorter than it was: begin with --restart"));
        }
        file.set_len(bytes)?;
        file.seek(io::SeekFrom::End(0))?;
        self.writer = Some(writer(file, self.separator));
        Ok(())
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &StringRecord, reason: &str) -> anyhow::Result<()> {
        let written = self.write(cells, reason);
        written.with_context(|| format!("cannot write to {}", self.path.display()))
    }

    fn write(&mut self, cells: &StringRecord, reason: &str) -> io::Result<()> {
        let place = self.headers.iter().position(|header| header == REJECTED_REASON);
        let headers = with_reason(&self.headers, place, REJECTED_REASON);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let mut created = create(&self.path, self.separator)?;
                created.write_record(&headers)?;
                none.insert(created)
            }
        };
        let mut cells = cells.clone();
        // The reason of a row with too few cells stands in its column all the same.
        (cells.len()..self.headers.len()).for_each(|_| cells.push_field(""));
        Ok(writer.write_record(with_reason(&cells, place, reason))?)
    }

    /// Makes sure that what was added is in the file, and says where that is.
    pub fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(mut writer) = self.writer else { return Ok(None) };
        writer.flush()?;
        Ok(Some(self.path))
    }
}

/// With a byte order mark, so that spreadsheets read the accents.
fn create(path: &Path, separator: u8) -> io::Result<csv::Writer<File>> {
    let mut file = File::create(path)?;
    file.write_all("\u{feff}".as_bytes())?;
    Ok(writer(file, separator))
}

fn writer(file: File, separator: u8) -> csv::Writer<File> {
    csv::WriterBuilder::new().delimiter(separator).flexible(true).from_writer(file)
}

/// The cells with the reason in its place, or behind them.
fn with_reason(cells: &StringRecord, place: Option<usize>, reason: &str) -> Vec<String> {
    let mut cells: Vec<String> = cells.iter().map(neutral).collect();
    match place.and_then(|place| cells.get_mut(place)) {
        Some(cell) => *cell = reason.to_owned(),
        None => cells.push(reason.to_owned()),
    }
    cells
}

/// Cells that begin so are taken for formulas by spreadsheets.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The cell as a text that no spreadsheet executes: with an apostrophe before it.
fn neutral(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell that [`neutral`] was made of, so that a mended file can be imported.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|cell| is_formula(cell)).unwrap_or(cell)
}

/// Also with apostrophes before it, so that taking one off gives back what there was.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_become_text_and_other_cells_stay() {
        for cell in ["=1+1", "+55 11", "-5", "@x", "\tx", "'=1"] {
            assert_eq!(neutral(cell), format!("'{cell}"));
        }
        for cell in ["", "Padaria", "'til", "a=b", "1-2"] {
            assert_eq!(neutral(cell), cell);
        }
    }

    #[test]
    fn the_reason_stands_behind_the_row_or_where_an_earlier_one_stood() {
        let row = StringRecord::from(vec!["1", "=x"]);
        assert_eq!(with_reason(&row, None, "why"), ["1", "'=x", "why"]);
        assert_eq!(with_reason(&row, Some(1), "why"), ["1", "why"]);
        assert_eq!(with_reason(&row, Some(2), "why"), ["1", "'=x", "why"]);
    }

    proptest! {
        #[test]
        fn a_neutral_cell_is_no_formula_and_comes_back(cell in "[=+@'a-]{0,4}") {
            let text = neutral(&cell);
            prop_assert!(!text.starts_with(FORMULA));
            prop_assert_eq!(plain(&text), cell);
        }
    }
}
