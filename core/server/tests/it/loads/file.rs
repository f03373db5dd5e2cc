//! `jornada import metrics`, through the real binary.

use std::fs;

use super::{Sender, gzip, line};
use crate::customers::{account, global};
use crate::harness::{Directory, TestApp, both};
use crate::operator;

both!(a_file_is_loaded_as_a_request_would_be);

async fn a_file_is_loaded_as_a_request_would_be(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let slug = app.home().await.workspace.slug.clone();
    let directory = Directory::new();
    let import = |name: &str, content: &[u8], more: &[&str]| {
        let path = directory.path().join(name);
        fs::write(&path, content).expect("the file is written");
        let file = path.to_str().expect("the path is text");
        let arguments = [&["import", "metrics", file, "--workspace", &slug], more].concat();
        let output = operator::output(app.database_url(), &arguments);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("it is text");
        (output.status.code(), text.replace(file, "FILE").trim_end().to_owned())
    };
    let good = line("logins", &padaria, "2026-01-18", 3);
    let done = (Some(0), "1 lines: 1 written, 0 unchanged".to_owned());
    assert_eq!(import("a.ndjson.gz", &gzip(good.as_bytes()), &[]), done);
    assert_eq!(import("a.ndjson.gz", &gzip(good.as_bytes()), &[]), done, "its content is its key");
    let (code, told) = import("b.ndjson", format!("{good}\n[]").as_bytes(), &["--key", "b"]);
    let expected = "line 2: This line is not one object of JSON. Write one object a line, each \
        property once.\n2 lines: 0 written, 1 unchanged\n\
        error: FILE: 1 of 2 lines rejected; the other 1 are imported";
    assert_eq!((code, told.as_str()), (Some(1), expected));
    let (code, told) = import("c.ndjson", good.as_bytes(), &["--key", "b"]);
    assert!(code == Some(1) && told.contains("This batch key belongs to a load"), "{told}");
    let (code, told) = import("d.ndjson", b"\xff", &[]);
    assert_eq!((code, told.contains("line 1 is not UTF-8")), (Some(1), true), "{told}");
    for flags in [&["--dry-run"][..], &["--mapping", "m.toml"], &["--system", "crm"]] {
        let more = line("logins", &padaria, "2026-01-19", 4);
        let (code, told) = import("e.ndjson", more.as_bytes(), flags);
        let expected = format!("error: {} is for tables, and this file is read", flags[0]);
        assert!(code == Some(2) && told.starts_with(&expected), "{told}");
    }
    assert_eq!(sender.points().await, [("2026-01-18".to_owned(), 3.0)]);
}
