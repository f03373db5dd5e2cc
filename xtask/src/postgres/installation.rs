//! Where PostgreSQL is installed: the newest version would do, any since 15 is fine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;

/// The oldest version Jornada supports.
const OLDEST: u32 = 15;

/// What to tell when [`find`] finds nothing.
pub(crate) const NOT_FOUND: &str = "no PostgreSQL server of version 15 or newer is installed";

/// Where Debian keeps the server programs, one directory per version, outside of PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The directory of the server programs; an empty path means that PATH leads to them.
#[derive(Debug)]
pub(crate) struct Installation(PathBuf);

impl Installation {
    /// A command for one of the server programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.0.join(name))
    }
}

/// Finds the server programs: the developer's choice in PATH first, then the newest by Debian's
/// layout, then where `pg_config` points (Homebrew and others).
pub(crate) fn find() -> Option<Installation> {
    let by_path = std::iter::once(PathBuf::new());
    by_path.chain(debian()).chain(by_pg_config()).map(Installation).find(is_suitable)
}

/// Both programs are there and new enough; some distributions put only the client into PATH.
fn is_suitable(installation: &Installation) -> bool {
    ["initdb", "pg_ctl"].iter().all(|name| {
        cargo::output(installation.program(name).arg("--version"))
            .is_ok_and(|output| major_version(&output).is_some_and(|major| major >= OLDEST))
    })
}

fn debian() -> Vec<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let names = versions.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    newest_first(names).into_iter().map(|name| Path::new(DEBIAN).join(name).join("bin")).collect()
}

fn by_pg_config() -> Option<PathBuf> {
    let output = cargo::output(Command::new("pg_config").arg("--bindir")).ok()?;
    Some(PathBuf::from(output.trim()))
}

/// Version directories in the order to try them; other names are left out.
fn newest_first(names: Vec<String>) -> Vec<String> {
    let mut versions: Vec<(u32, String)> =
        names.into_iter().filter_map(|name| Some((name.parse().ok()?, name))).collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, name)| name).collect()
}

/// The major version in a line such as `pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`.
fn major_version(output: &str) -> Option<u32> {
    let (_, version) = output.split_once("(PostgreSQL) ")?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_from_candidates() {
        assert_eq!(major_version("pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("initdb (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(major_version("pg_ctl (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("pg_ctl (PostgreSQL) 17"), Some(17));
        assert_eq!(major_version("pg_ctl (PostgreSQL) devel"), None);
        assert_eq!(major_version("pg_ctl (Other) 15.1"), None);
    }

    #[test]
    fn versions_are_ordered_as_numbers_and_other_directories_ignored() {
        let names = ["9", "15", "common", "17"].map(str::to_owned).to_vec();
        assert_eq!(newest_first(names), ["17", "15", "9"]);
    }
}
