//! The lock of the one server that a SQLite file can have.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

use super::DatabaseUrl;

/// Held while a process serves a SQLite file; the operating system frees it when the process
/// ends, however it ends. One-shot commands do not take it.
#[derive(Debug)]
pub struct ServeLock {
    _file: Option<File>,
}

impl ServeLock {
    /// Takes the lock, or fails when another process holds it. PostgreSQL needs none.
    pub fn take(url: &DatabaseUrl) -> anyhow::Result<Self> {
        match url {
            DatabaseUrl::Postgres(_) => Ok(Self { _file: None }),
            DatabaseUrl::Sqlite(path) => Ok(Self { _file: Some(lock_beside(path)?) }),
        }
    }
}

fn lock_beside(database: &Path) -> anyhow::Result<File> {
    // Two paths to one file must come to one lock.
    let mut path = fs::canonicalize(database)?.into_os_string();
    path.push("-lock");
    let path = Path::new(&path);
    let open = File::options().write(true).create(true).truncate(false).open(path);
    let file = open.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another `jornada serve` uses {}: stop it first, or use PostgreSQL for several",
            database.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}
