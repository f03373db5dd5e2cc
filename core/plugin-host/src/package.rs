//! Makes a plugin of what rustc builds: a component that has its manifest in it.

use wasm_encoder::{ComponentSection, CustomSection, Module, RawSection};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::manifest::{Manifest, SECTION};

/// Why no plugin can be made of a module.
#[derive(Debug, thiserror::Error)]
#[error("the module does not fit the contract: {0}")]
pub struct PackageError(String);

/// The plugin: the module as a component, with its manifest.
///
/// The module is what `cargo build --target wasm32-unknown-unknown` makes of a crate that uses the
/// SDK; the contract that it was built against stands in it. What debuggers need is left out: it
/// is most of the file, and has the folders of the author's machine in it. The names of functions
/// stay, for backtraces.
pub fn package(module: &[u8], manifest: &Manifest) -> Result<Vec<u8>, PackageError> {
    let unfit = |error| PackageError(format!("{error:#}"));
    let mut encoder = ComponentEncoder::default();
    let encoder = encoder.validate(true).module(&slim(module)?).map_err(unfit)?;
    let mut component = encoder.encode().map_err(unfit)?;
    let json = serde_json::to_vec(manifest).map_err(|error| PackageError(error.to_string()))?;
    CustomSection { name: SECTION.into(), data: json.into() }.append_to_component(&mut component);
    Ok(component)
}

/// The module without its debug information.
fn slim(module: &[u8]) -> Result<Vec<u8>, PackageError> {
    let mut slim = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| PackageError(error.to_string()))?;
        if let Payload::CustomSection(section) = &payload
            && section.name().starts_with(".debug")
        {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let place = |end: u64| usize::try_from(end).unwrap_or(usize::MAX);
            let data = module.get(place(range.start)..place(range.end)).unwrap_or_default();
            slim.section(&RawSection { id, data });
        }
    }
    Ok(slim.finish())
}
