//! Who must not see whom, executed with `cargo tree`.
//!
//! The layers of ARCHITECTURE.md are worth something only as long as a dependency cannot cross
//! them by accident. A crate name in [`BOUNDARIES`] is looked for in everything a package pulls
//! in, directly or through others, in tests and build scripts too.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::cargo;

/// One package and the crates that must not be in its dependency tree.
struct Boundary {
    package: &'static str,
    must_not_see: &'static [&'static str],
    reason: &'static str,
}

/// The table. A new crate is a new row; a row for a crate that does not exist fails.
const BOUNDARIES: &[Boundary] = &[
    Boundary {
        package: "jornada-domain",
        must_not_see: &["async-graphql", "axum", "reqwest", "wasmtime"],
        reason: "the domain does not know that it is served over the web or extended by plugins",
    },
    Boundary {
        package: "jornada-plugin-host",
        must_not_see: &["async-graphql", "axum", "jornada-domain", "reqwest", "sea-orm"],
        reason: "whoever runs plugins knows nothing of customers, the database or the web",
    },
    Boundary {
        package: "jornada-migrations",
        must_not_see: &["jornada-domain"],
        reason: "a released migration must not change its meaning when an entity changes",
    },
];

/// Checks every row and reports all violations together.
pub(crate) fn check() -> Result<()> {
    let mut violations = Vec::new();
    for boundary in BOUNDARIES {
        let tree = cargo::output(&mut cargo::cargo([
            "tree",
            "--package",
            boundary.package,
            "--prefix=none",
            "--format={p}",
        ]))?;
        let seen = seen_across(boundary, &tree);
        println!("{}: {}", boundary.package, if seen.is_empty() { "ok" } else { "VIOLATED" });
        violations.extend(seen.iter().map(|name| {
            format!("{} depends on {name}, but {}", boundary.package, boundary.reason)
        }));
    }
    ensure!(violations.is_empty(), "{}", violations.join("\n"));
    Ok(())
}

/// The forbidden crates among the lines `name vX.Y.Z …` that `cargo tree` writes.
fn seen_across(boundary: &Boundary, tree: &str) -> Vec<&'static str> {
    let names: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    boundary.must_not_see.iter().copied().filter(|name| names.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "jornada-domain v0.1.0 (/somewhere/core/domain)\n\
                        async-graphql-value v8.0.0-rc.5\n\
                        axum v0.8.9\n\
                        axum v0.8.9 (*)\n\
                        serde_derive v1.0.228 (proc-macro)\n";

    #[test]
    fn a_forbidden_crate_is_found_by_its_whole_name() {
        assert_eq!(seen_across(&BOUNDARIES[0], TREE), ["axum"]);
    }

    #[test]
    fn a_tree_without_forbidden_crates_passes() {
        assert!(
            seen_across(&BOUNDARIES[2], "jornada-migrations v0.1.0\nserde v1.0.228").is_empty()
        );
    }

    #[test]
    fn every_row_forbids_something_and_no_package_has_two_rows() {
        let packages: BTreeSet<_> = BOUNDARIES.iter().map(|boundary| boundary.package).collect();
        assert_eq!(packages.len(), BOUNDARIES.len());
        assert!(BOUNDARIES.iter().all(|boundary| !boundary.must_not_see.is_empty()));
    }
}
