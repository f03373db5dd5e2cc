//! The SDK, which this program carries with it, so that a new plugin needs nothing but Rust.

/// The files of the SDK by their paths in it.
macro_rules! files {
    ($($path:literal,)+) => {
        /// The files of the SDK: where they stand in it, and what is in them.
        pub const FILES: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("../../../../plugin-sdk/", $path))),)+
        ];
    };
}

files! {
    "Cargo.toml",
    "README.md",
    "macros/Cargo.toml",
    "macros/src/lib.rs",
    "src/bindings.rs",
    "src/date.rs",
    "src/health_score.rs",
    "src/health_score/columns.rs",
    "src/health_score/description.rs",
    "src/health_score/input.rs",
    "src/health_score/points.rs",
    "src/health_score/tests.rs",
    "src/lib.rs",
    "src/log.rs",
    "src/logistic.rs",
    "src/task_type.rs",
    "src/task_type/operation.rs",
    "src/task_type/operation/plan.rs",
    "src/task_type/operation/records.rs",
    "src/task_type/operation/work.rs",
    "src/task_type/tests.rs",
    "src/testing.rs",
    "src/testing/fixture.rs",
    "src/testing/score.rs",
    "src/testing/task.rs",
    "src/tests.rs",
    "src/tests/examples.rs",
    "src/text.rs",
    "wit/host/log.wit",
    "wit/score/score.wit",
    "wit/task/task.wit",
    "wit/types/types.wit",
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::FILES;

    fn found(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("target") => {}
                true => found(&path, into),
                false => into.push(path),
            }
        }
    }

    #[test]
    fn no_file_of_the_sdk_is_left_behind() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugin-sdk");
        let mut there = Vec::new();
        found(&root, &mut there);
        // Projects have a lock file of their own.
        there.retain(|path| !path.ends_with("Cargo.lock"));
        let mut there: Vec<_> =
            there.iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap()).collect();
        there.sort_unstable();
        let carried: Vec<_> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(carried, there);
    }
}
