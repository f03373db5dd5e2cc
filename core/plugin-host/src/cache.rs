//! Compiled plugins on disk. Whoever loads one runs native code, so each is sealed with a key that
//! only the server knows; one that somebody changed is compiled anew.

use std::fs::{self, DirBuilder, File};
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;

use crate::component::hex;

/// Where compiled plugins are kept.
#[derive(Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

/// Numbers of drafts: the same plugin may be loaded twice at the same time.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// Bytes of a seal.
const SEAL: usize = 32;

impl Cache {
    /// The cache in a folder, which is made for its owner alone where it is not there.
    pub(crate) fn open(folder: &Path, key: [u8; 32]) -> std::io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    /// The compiled form that was kept under this name, if nobody changed it since.
    pub(crate) fn get(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.folder.join(name);
        let mut bytes = fs::read(&path).ok()?;
        if bytes.len() < SEAL {
            tracing::warn!(path = %path.display(), "a compiled plugin is cut off");
            return None;
        }
        let compiled = bytes.split_off(SEAL);
        let seal = self.seal(name, &compiled).ok()?;
        if seal.verify_slice(&bytes).is_err() {
            tracing::warn!(path = %path.display(), "a compiled plugin was changed by somebody");
            return None;
        }
        Some(compiled)
    }

    /// Keeps a compiled form. It appears under its name when it is whole.
    pub(crate) fn put(&self, name: &str, compiled: &[u8]) -> std::io::Result<()> {
        let path = self.folder.join(name);
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("{name}.{}.{number}.new", std::process::id()));
        let mut file = File::create(&draft)?;
        file.write_all(&self.seal(name, compiled)?.finalize().into_bytes())?;
        file.write_all(compiled)?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    }

    fn seal(&self, name: &str, compiled: &[u8]) -> std::io::Result<Hmac<Sha256>> {
        let seal = Hmac::<Sha256>::new_from_slice(&self.key);
        let mut seal = seal.map_err(std::io::Error::other)?;
        seal.update(name.as_bytes());
        seal.update(&[0]);
        seal.update(compiled);
        Ok(seal)
    }
}

/// The name of the compiled form: what was compiled, and for which engine.
pub(crate) fn name(engine: &Engine, digest: &str) -> String {
    let mut hasher = Stable(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let engine = hex(&hasher.0.finalize());
    format!("{digest}-{}.cwasm", engine.get(..16).unwrap_or(&engine))
}

/// A hasher that says the same in every process.
struct Stable(Sha256);

impl Hasher for Stable {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
