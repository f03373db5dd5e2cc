//! Files that mean harm, or that broke on their way: clear errors, and no more memory than an
//! ordinary file takes.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::process::Command;

use super::{Done, Import};
use crate::harness::{TestApp, both};

both!(
    two_gigabytes_of_one_line_are_refused_at_once,
    what_is_packed_is_not_unpacked,
    letters_of_another_encoding_are_told,
    keys_that_come_twice_are_refused_with_the_line_of_the_first,
    circles_of_parents_are_refused_and_the_others_land,
    formulas_are_text_in_every_kind,
);

/// What a process may take, in KiB: several times what an import needs, and far less than what a
/// hostile file would like.
const MOST_MEMORY_KIB: u64 = 3 << 20;

impl Import<'_> {
    /// Imports the file that is there, with a limit of memory.
    async fn run_confined(&self, kind: &str) -> Done {
        let arguments = self.arguments(kind, &[]).await;
        let mut command = Command::new("sh");
        let confine = format!("ulimit -v {MOST_MEMORY_KIB} && exec \"$@\"");
        command.env_clear().args(["-c", &confine, "sh", env!("CARGO_BIN_EXE_jornada")]);
        command.args(["--database-url", self.app.database_url()]).args(arguments);
        Done::of(&command.output().expect("the binary runs"))
    }
}

async fn two_gigabytes_of_one_line_are_refused_at_once(app: TestApp) {
    let import = Import::new(&app);
    for (start, line) in [("id,name\n1,Alfa\n2,\"", 3), ("", 1)] {
        let mut file = File::create(import.path("accounts.csv")).expect("a file");
        file.write_all(start.as_bytes()).expect("it is written");
        // A hole: it reads as zeros and takes no room on the disk.
        file.set_len(2 << 30).expect("it is long");
        let done = import.run_confined("accounts").await;
        let why = format!("line {line} is longer than 4194304 bytes");
        assert_eq!(done.code, 2, "{}", done.error);
        assert!(done.error.contains(&why), "{}", done.error);
    }
    assert_eq!(import.names().await, [""; 0]);
}

async fn what_is_packed_is_not_unpacked(app: TestApp) {
    let import = Import::new(&app);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..64).for_each(|_| bomb.write_all(&zeros).expect("it is packed"));
    let bomb = bomb.finish().expect("it is packed");
    let packed = [(bomb.as_slice(), "it is packed"), (b"PK\x03\x04...", "it is a spreadsheet")];
    for (content, why) in packed {
        std::fs::write(import.path("accounts.csv"), content).expect("it is written");
        let done = import.run_confined("accounts").await;
        assert_eq!(done.code, 2, "{}", done.error);
        assert!(done.error.contains(why), "{}", done.error);
    }
}

async fn letters_of_another_encoding_are_told(app: TestApp) {
    let import = Import::new(&app);
    let broken_mark = [b"\xef\xbb\xbf".as_slice(), b"id,name\n1,S\xe3o\n"].concat();
    let one_byte = ["id,name\n1,São João\n2,Conceição\n".as_bytes(), b"3,Caf\xe9\n"].concat();
    for (content, why) in [
        (broken_mark.as_slice(), "its byte order mark contradicts its content"),
        (one_byte.as_slice(), "line 4 has bytes that are no UTF-8"),
        (b"i\0d\0,\0n\0a\0m\0e\0\n\0", "UTF-16 without its mark"),
    ] {
        let done = import.run(content).await;
        assert_eq!(done.code, 2, "{}", done.error);
        assert!(done.error.contains(why), "{}", done.error);
    }
    // Control characters are no names.
    import.run("id,name\n1,Al\u{7}fa\n").await.assert(0, 0, 0, 1);
    assert!(import.rejected().contains("name: This text contains control characters"));
}

async fn keys_that_come_twice_are_refused_with_the_line_of_the_first(app: TestApp) {
    let import = Import::new(&app);
    let mut text = "id,name\n".to_owned();
    (0..450).for_each(|n| writeln!(text, "{},Alfa {n}", n % 300).expect("a string takes it"));
    import.run(text).await.assert(300, 0, 0, 150);
    let rejected = import.rejected();
    assert!(rejected.contains("(line 2)") && rejected.contains("(line 151)"), "{rejected}");
}

async fn circles_of_parents_are_refused_and_the_others_land(app: TestApp) {
    let import = Import::new(&app);
    let mut text = "id,name,parent_id\nx,Alone,x\nok,Fine,\nbelow,Below a circle,0\n".to_owned();
    for n in 0..500 {
        writeln!(text, "{n},Ring {n},{}", (n + 1) % 500).expect("a string takes it");
    }
    import.run(&text).await.assert(1, 0, 0, 502);
    let rejected = import.rejected();
    let circles = rejected.matches("parent_id: The account would be above itself").count();
    assert_eq!(circles, 501, "{rejected}");
    let below = "below,Below a circle,0,parent_id: The accounts above this one would be above";
    assert!(rejected.contains(below), "{rejected}");
    assert_eq!(import.names().await, ["Fine"]);
    // Deeper than accounts can be nested.
    let mut deep = "id,name,parent_id\n0,Top,\n".to_owned();
    (1..80).for_each(|n| writeln!(deep, "{n},Level {n},{}", n - 1).expect("a string takes it"));
    let done = import.run(&deep).await;
    let (created, rejected) = (&done.counts["created"], &done.counts["rejected"]);
    assert_eq!(created.as_u64().zip(rejected.as_u64()).map(|(a, b)| a + b), Some(80));
    assert!(rejected.as_u64() > Some(0), "{done}", done = done.error);
}

async fn formulas_are_text_in_every_kind(app: TestApp) {
    let import = Import::new(&app);
    import.run("id,name\n1,=cmd|' /C calc'!A0\n").await.assert(1, 0, 0, 0);
    assert_eq!(import.names().await, ["=cmd|' /C calc'!A0"]);
    let text = "id,account_id,name,is_primary\n1,1,@SUM(A1),\n2,1,+1,perhaps\n";
    import.run_kind("contacts", text, &[]).await.assert(1, 0, 0, 1);
    let rejected = std::fs::read_to_string(import.path("contacts.rejected.csv")).expect("a file");
    assert!(rejected.contains("2,1,'+1,perhaps,"), "{rejected}");
}
