//! Looks into a file before anything of it runs: is it a component, of which kind, and does it want
//! nothing beyond what its kind gets.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasmparser::{Encoding, Parser, Payload, Validator};

use crate::error::LoadError;
use crate::limits::Limits;
use crate::manifest::{self, Manifest};

/// What a plugin is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Computes how accounts do.
    HealthScore,
    /// A type of tasks.
    TaskType,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::HealthScore, Self::TaskType];

    /// The word in manifests and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::HealthScore => "health-score",
            Self::TaskType => "task-type",
        }
    }

    /// The interface by whose export it is known, and the version of it that is offered.
    fn interface(self) -> (&'static str, [u64; 2]) {
        match self {
            Self::HealthScore => ("jornada:score/health-score", [1, 0]),
            Self::TaskType => ("jornada:task/task-type", [1, 0]),
        }
    }
}

/// What plugins of the pure kinds may import: nothing that tells time, draws lots or leaves the
/// sandbox. With the version that is offered.
const OFFERED: [(&str, [u64; 2]); 2] =
    [("jornada:host/log", [1, 0]), ("jornada:types/types", [1, 0])];

/// A component that may run here, as far as one can tell from outside.
#[derive(Clone, Debug)]
pub struct Component {
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// What it is for.
    pub kind: Kind,
    /// What it says of itself.
    pub manifest: Manifest,
    /// All that it imports, by full names.
    pub imports: Vec<String>,
    /// The file.
    pub(crate) bytes: Vec<u8>,
}

impl Component {
    /// Looks into a file. Runs nothing of it.
    pub fn inspect(bytes: Vec<u8>, limits: &Limits) -> Result<Self, LoadError> {
        if bytes.len() as u64 > limits.artifact_bytes {
            let max = limits.artifact_bytes;
            return Err(LoadError::TooLarge { bytes: bytes.len() as u64, max });
        }
        let Outline { imports, exports, manifest } = outline(&bytes)?;
        let manifest = manifest.ok_or(LoadError::NoManifest)?;
        let manifest = Manifest::parse(&manifest).map_err(LoadError::BadManifest)?;
        let kind = manifest.plugin.kind;
        require_kind(kind, &exports)?;
        for import in &imports {
            require_offered(import, kind)?;
        }
        let digest = hex(&Sha256::digest(&bytes));
        Ok(Self { digest, kind, manifest, imports, bytes })
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// The bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn require_kind(kind: Kind, exports: &[String]) -> Result<(), LoadError> {
    let (interface, offered) = kind.interface();
    let found = exports.iter().find_map(|export| Some((export, version(export, interface)?)));
    match found {
        None => {
            let exported = match exports {
                [] => "nothing".to_owned(),
                some => some.join(", "),
            };
            Err(LoadError::OtherKind { said: kind.word(), exported })
        }
        Some((export, wanted)) => require_version(export, interface, wanted, offered),
    }
}

fn require_offered(import: &str, kind: Kind) -> Result<(), LoadError> {
    for (interface, offered) in OFFERED {
        if let Some(wanted) = version(import, interface) {
            return require_version(import, interface, wanted, offered);
        }
    }
    Err(LoadError::ForeignImport { import: import.to_owned(), kind: kind.word() })
}

/// A server can do what an older one of the same major version could.
fn require_version(
    name: &str,
    interface: &str,
    [major, minor]: [u64; 2],
    offered: [u64; 2],
) -> Result<(), LoadError> {
    if major == offered[0] && minor <= offered[1] {
        return Ok(());
    }
    let offered = format!("{interface}@{}.{}", offered[0], offered[1]);
    Err(LoadError::TooNew { needed: name.to_owned(), offered })
}

/// The version of a name like `jornada:host/log@1.0.0`, if it is the one of an interface.
fn version(name: &str, interface: &str) -> Option<[u64; 2]> {
    let (found, version) = name.split_once('@')?;
    let mut numbers = version.split('.').map(str::parse);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (found == interface).then_some([major, minor])
}

/// What stands at the outermost level of a component.
struct Outline {
    imports: Vec<String>,
    exports: Vec<String>,
    manifest: Option<Vec<u8>>,
}

fn outline(bytes: &[u8]) -> Result<Outline, LoadError> {
    let malformed = |error: wasmparser::BinaryReaderError| LoadError::Malformed(error.to_string());
    let mut outline = Outline { imports: Vec::new(), exports: Vec::new(), manifest: None };
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(malformed)? {
            Payload::Version { encoding, .. } => {
                if depth == 0 && encoding == Encoding::Module {
                    return Err(LoadError::NotAComponent);
                }
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    outline.imports.push(import.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    outline.exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section)
                if depth == 1 && section.name() == manifest::SECTION =>
            {
                outline.manifest = Some(section.data().to_vec());
            }
            _ => {}
        }
    }
    Validator::new_with_features(wasmparser::WasmFeatures::default())
        .validate_all(bytes)
        .map_err(malformed)?;
    Ok(outline)
}
