//! The environment variables xtask reads: the one place of this crate that may.

#![expect(
    clippy::disallowed_methods,
    reason = "xtask is an edge: what CI and the developer say arrives as environment variables"
)]

use std::env;
use std::path::PathBuf;

/// Names a PostgreSQL for the tests, in place of a throw-away one.
pub(crate) const TEST_POSTGRES_URL: &str = "JORNADA_TEST_POSTGRES_URL";

/// The value of a variable; an empty one counts as not set, as most shells treat it.
pub(crate) fn var(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where cargo keeps the sources of dependencies.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    var("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

/// Whether this is CI, where a check that cannot run is a failure instead of a note.
pub(crate) fn is_ci() -> bool {
    var("CI").is_some()
}

/// The variables that child processes must not inherit.
pub(crate) fn disturbing() -> impl Iterator<Item = String> {
    env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| disturbs(name))
}

/// Whether a variable would make a check depend on who runs it.
///
/// The developer's own configuration of Jornada would reach the server under test. What
/// `cargo run` sets for xtask itself would reach the build scripts of dependencies that watch
/// those variables (ring does), and rebuild them on each change from `cargo` to `cargo xtask`.
fn disturbs(name: &str) -> bool {
    let configures_jornada = name.starts_with("JORNADA_") && !name.starts_with("JORNADA_TEST_");
    let describes_xtask = name.starts_with("CARGO_PKG_")
        || ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name);
    configures_jornada || describes_xtask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_developers_configuration_is_kept_from_the_tests() {
        assert!(disturbs("JORNADA_DATABASE_URL"));
        assert!(disturbs("CARGO_PKG_NAME"));
        assert!(disturbs("CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn what_the_tests_need_is_passed_on() {
        for name in
            [TEST_POSTGRES_URL, "PATH", "CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR"]
        {
            assert!(!disturbs(name), "{name}");
        }
    }
}
