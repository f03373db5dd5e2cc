//! The erasure log: who was erased, in a file outside of the database, so that a backup which is
//! restored brings nobody back.
//!
//! A line is one JSON object of ids and a time, `{"workspaceId":…,"contactId":…,"erasedAt":…}`, and
//! no personal data. It is on the disk before the erasure is committed. The file is only ever
//! appended to, and belongs where the backups of the database do not overwrite it.

mod reapply;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use jornada_domain::cx::Erasure;

use crate::config::Config;
use crate::db::DatabaseUrl;

pub use reapply::{Reapplied, reapply, reapply_at_start};

/// The log of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureLog(PathBuf);

/// What the name of a log beside a SQLite file ends in.
const EXTENSION: &str = "erasures.jsonl";

impl ErasureLog {
    /// The log in a file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The log as it is configured.
    pub fn of(config: &Config) -> Option<Self> {
        match config.erasure_log.as_os_str().is_empty() {
            true => Self::beside(&config.database_url),
            false => Some(Self::at(&config.erasure_log)),
        }
    }

    /// The log beside a SQLite file. Beside a server there is no place.
    pub fn beside(url: &DatabaseUrl) -> Option<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => Some(Self(path.with_extension(EXTENSION))),
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds erasures, which are on the disk when this returns.
    pub async fn append(&self, erasures: &[Erasure]) -> io::Result<()> {
        if erasures.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for erasure in erasures {
            serde_json::to_writer(&mut lines, erasure)?;
            lines.push(b'\n');
        }
        let path = self.0.clone();
        let written = tokio::task::spawn_blocking(move || append(&path, lines));
        written.await.map_err(io::Error::other)?
    }

    /// Says where it is, or what keeps it from being written; changes nothing.
    pub fn check(&self) -> anyhow::Result<String> {
        let shown = self.0.display();
        if fs::exists(&self.0)? {
            let opened = File::options().read(true).append(true).open(&self.0);
            opened.with_context(|| format!("cannot write to {shown}"))?;
        } else {
            let place = place_of(&self.0);
            ensure!(place.is_dir(), "the directory {} does not exist", place.display());
        }
        Ok(shown.to_string())
    }
}

/// The directory of a file.
fn place_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn append(path: &Path, mut lines: Vec<u8>) -> io::Result<()> {
    let is_new = !fs::exists(path)?;
    let mut file = File::options().read(true).append(true).create(true).open(path)?;
    if !ends_in_a_line(&mut file)? {
        lines.insert(0, b'\n');
    }
    file.write_all(&lines)?;
    file.sync_all()?;
    // That the file is there must last as well.
    if is_new { File::open(place_of(path))?.sync_all() } else { Ok(()) }
}

/// Whether what is added stands on a line of its own: a write that was torn leaves a half one.
fn ends_in_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The lines of a log, of which only one is in memory.
struct Lines {
    file: BufReader<io::Take<File>>,
}

/// A line has some 150 bytes.
const MOST_BYTES: u64 = 1024;

impl Lines {
    /// The lines that a log has now; what is added later is not read.
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file: BufReader::new(file.take(length)) })
    }

    /// The next line, `Some(None)` where it cannot be read as an erasure.
    fn next(&mut self) -> io::Result<Option<Option<Erasure>>> {
        let mut line = Vec::new();
        if (&mut self.file).take(MOST_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 == MOST_BYTES && !line.ends_with(b"\n") {
            self.file.skip_until(b'\n')?;
        }
        Ok(Some(serde_json::from_slice(&line).ok()))
    }
}

#[cfg(test)]
mod tests {
    use jornada_domain::id::{ContactId, WorkspaceId};
    use uuid::Uuid;

    use super::*;

    fn erasure(number: u128) -> Erasure {
        let erased_at = "2026-01-20T12:00:00Z".parse().expect("it is a time");
        let workspace_id = WorkspaceId(Uuid::from_u128(1));
        Erasure { workspace_id, contact_id: ContactId(Uuid::from_u128(number)), erased_at }
    }

    /// A path of this process that no other test has.
    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("jornada_{name}_{}", std::process::id()));
        drop(fs::remove_file(&path));
        path
    }

    fn read(path: &Path) -> Vec<Option<Erasure>> {
        let mut lines = Lines::open(path).expect("it is there");
        std::iter::from_fn(|| lines.next().expect("it can be read")).collect()
    }

    #[test]
    fn what_was_appended_is_read_and_a_torn_line_costs_only_itself() {
        let path = place("torn");
        let line = |number| format!("{}\n", serde_json::to_string(&erasure(number)).unwrap());
        append(&path, line(1).into_bytes()).unwrap();
        append(&path, line(2)[..40].into()).unwrap();
        assert_eq!(read(&path), [Some(erasure(1)), None]);
        append(&path, (line(3) + &line(4)).into_bytes()).unwrap();
        assert_eq!(read(&path), [Some(erasure(1)), None, Some(erasure(3)), Some(erasure(4))]);
        append(&path, ["x".repeat(5000), line(5)].join("\n").into_bytes()).unwrap();
        assert_eq!(read(&path)[4..], [None, Some(erasure(5))]);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_log_is_beside_a_file_and_not_beside_a_server() {
        let beside = |url: &str| ErasureLog::beside(&url.parse().unwrap());
        let expected = ErasureLog::at("data/jornada.erasures.jsonl");
        assert_eq!(beside("sqlite://data/jornada.sqlite"), Some(expected));
        assert_eq!(beside("postgres://localhost/jornada"), None);
    }
}
