//! Plugins that were built with a released SDK go on to work: all files of `plugins/released` are
//! loaded, and the fixtures in them are run.

use std::fs;
use std::path::Path;

use jornada_plugin_host::{Component, Kind, fixture};

use crate::support::{host, limits, names_its_machine};

/// Bytes that a file of the corpus may have: they stay for ever.
const MOST_BYTES: u64 = 400_000;

#[test]
fn every_plugin_that_was_ever_built_still_works() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/released");
    let host = host(limits());
    for release in fs::read_dir(corpus).unwrap() {
        let release = release.unwrap().path();
        // The README stands beside the releases.
        if !release.is_dir() {
            continue;
        }
        let mut kinds = Vec::new();
        for file in fs::read_dir(&release).unwrap() {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            assert!(bytes.len() as u64 <= MOST_BYTES, "{}: too large", path.display());
            assert!(!names_its_machine(&bytes), "{}", path.display());
            let component = Component::inspect(bytes, host.limits()).unwrap();
            let plugin = host.load(&component).unwrap();
            let outcomes = fixture::run_all(&plugin, &component.manifest.fixtures);
            assert!(outcomes.len() >= 2, "{}: no fixtures", path.display());
            for outcome in outcomes {
                assert!(outcome.is_passed(), "{}: {outcome:#?}", path.display());
            }
            kinds.push(component.kind);
        }
        for kind in Kind::ALL {
            assert!(kinds.contains(&kind), "{}: no {}", release.display(), kind.word());
        }
    }
}
