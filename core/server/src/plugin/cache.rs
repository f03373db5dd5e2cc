//! The folder of compiled plugins, and the key that seals what is in it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::TryRng;
use rand::rngs::SysRng;

/// The file of the key. Whoever can read it can also write what the server runs: the folder is for
/// its owner alone, and the seal tells what was damaged, exchanged or brought from elsewhere.
const KEY_FILE: &str = "seal.key";

/// A folder for compiled plugins with its key; both are made where they are not there.
pub fn open(folder: &Path) -> io::Result<(PathBuf, [u8; 32])> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join(KEY_FILE);
    let mut key = [0; 32];
    SysRng.try_fill_bytes(&mut key).map_err(io::Error::other)?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => file.write_all(&key)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let kept = fs::read(&path)?;
            let told = || io::Error::other(format!("{}: it has not 32 bytes", path.display()));
            key = kept.try_into().map_err(|_| told())?;
        }
        Err(error) => return Err(error),
    }
    Ok((folder.to_owned(), key))
}
