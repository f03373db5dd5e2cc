//! Limits at their edges, and lines that do not depend on how they come.

use std::convert::Infallible;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use proptest::prelude::*;

use super::*;

const SMALL: Limits = Limits {
    line: 8,
    lines: 5,
    sent: 100,
    unpacked: 1 << 20,
    ratio: 3,
    silence: Duration::from_millis(1),
    time: Duration::from_secs(60),
};

type Read = (Vec<(u64, String)>, Result<String, Broken>);

/// All lines of pieces, and the digest or what broke.
fn read(pieces: Vec<Vec<u8>>, is_gzip: bool, limits: Limits) -> Read {
    let source = stream::iter(pieces.into_iter().map(|piece| Ok::<_, Infallible>(piece.into())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let mut lines = Lines::new(source, is_gzip, limits);
        let mut found = Vec::new();
        loop {
            match lines.next().await {
                Ok(Some((number, text))) => found.push((number, text.to_owned())),
                Ok(None) => return (found, Ok(lines.digest())),
                Err(broken) => return (found, Err(broken)),
            }
        }
    })
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn broken(text: &str, limits: Limits) -> Option<Broken> {
    read(vec![text.as_bytes().to_vec()], false, limits).1.err()
}

#[test]
fn every_limit_holds_at_its_edge() {
    assert_eq!(broken("12345678\n12345678", SMALL), None);
    let max = SMALL.line;
    assert_eq!(broken("a\n123456789\n", SMALL), Some(Broken::LineTooLong { line: 2, max }));
    assert_eq!(broken("a\n123456789", SMALL), Some(Broken::LineTooLong { line: 2, max }));
    assert_eq!(broken("\n\n\n\na\n", SMALL), None);
    assert_eq!(broken("\n\n\n\n\na", SMALL), Some(Broken::TooManyLines { max: 5 }));
    let wide = Limits { lines: 1000, ..SMALL };
    assert_eq!(broken(&"\n".repeat(100), wide), None);
    assert_eq!(broken(&"\n".repeat(101), wide), Some(Broken::TooLarge { max: 100 }));
    let shallow = Limits { unpacked: 50, ..wide };
    assert_eq!(broken(&"\n".repeat(51), shallow), Some(Broken::TooLarge { max: 50 }));
}

#[test]
fn what_shrinks_too_well_is_a_bomb_but_for_its_first_megabyte() {
    let limits = Limits { lines: 10_000_000, unpacked: 1 << 30, sent: 1 << 30, ..SMALL };
    let told = |size| read(vec![packed(&vec![b'\n'; size])], true, limits).1.err();
    assert_eq!(told(1 << 20), None);
    assert_eq!(told(2 << 20), Some(Broken::Bomb { ratio: 3 }));
}

#[test]
fn a_sender_who_is_silent_or_lost_is_told_so() {
    let mut silent = Lines::new(stream::pending::<Result<Bytes, Infallible>>(), false, SMALL);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let told = runtime.expect("a runtime starts").block_on(async { silent.next().await.err() });
    assert_eq!(told, Some(Broken::Silent { seconds: 0, after: 0 }));
    let hasty = Limits { time: Duration::ZERO, ..SMALL };
    assert_eq!(broken("a", hasty), Some(Broken::TooSlow { seconds: 0, after: 0 }));
    let lost = stream::iter([Ok("a\n".into()), Err("gone")]);
    let mut lost = Lines::new(lost, false, Limits::LOAD);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let told = runtime.expect("a runtime starts").block_on(async {
        assert!(lost.next().await.is_ok_and(|line| line == Some((1, "a"))));
        lost.next().await.err()
    });
    assert_eq!(told, Some(Broken::Lost { after: 1, reason: "gone".to_owned() }));
}

proptest! {
    #[test]
    fn lines_do_not_depend_on_pieces_or_packing(
        text in "[ab\n\r ]{0,60}", cuts in proptest::collection::vec(1usize..9, 1..40),
    ) {
        let expected: Vec<_> = text
            .split('\n')
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| (at as u64 + 1, line.to_owned()))
            .collect();
        let pieces = |bytes: &[u8]| {
            let (mut rest, mut pieces) = (bytes, Vec::new());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, more) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece.to_vec());
                rest = more;
            }
            pieces
        };
        let plain = read(pieces(text.as_bytes()), false, Limits::LOAD);
        let gzip = read(pieces(&packed(text.as_bytes())), true, Limits::LOAD);
        prop_assert_eq!(&plain, &gzip);
        prop_assert_eq!(plain.0, expected);
    }
}
