//! Which letters the bytes of a file stand for.
//!
//! The rule: a byte order mark decides. Without one the file is UTF-8 if all of it is, and
//! Windows-1252 (which contains Latin-1) if hardly any of it is. One that is mostly UTF-8 but for
//! some bytes is neither: read in either way, names would quietly be spoilt. The whole file is
//! looked at before its first row is read, in pieces: the first accent may stand in the last line.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, UTF_8, WINDOWS_1252};

/// How much of a file is in memory at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Why the letters of a text cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// Its byte order mark promises an encoding that it then breaks.
    Mark,
    /// It is UTF-8, but for some bytes.
    Bytes {
        /// The line of the first of them, counted from 1.
        line: u64,
    },
}

/// The encoding of a text by the rule above.
pub fn recognise(source: &mut impl Read) -> io::Result<Result<&'static Encoding, Spoilt>> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut length = fill(source, &mut piece)?;
    let marked = Encoding::for_bom(&piece[..length]).map(|(encoding, _)| encoding);
    let mut decoder = marked.unwrap_or(UTF_8).new_decoder_with_bom_removal();
    let mut scratch = vec![0; PIECE_BYTES];
    let mut seen = Seen::default();
    loop {
        let is_last = length == 0;
        seen.look(&mut decoder, &piece[..length], &mut scratch, is_last);
        if is_last {
            break;
        }
        length = fill(source, &mut piece)?;
    }
    Ok(match (marked, seen.first_broken) {
        (Some(_), Some(_)) => Err(Spoilt::Mark),
        (Some(encoding), None) => Ok(encoding),
        (None, None) => Ok(UTF_8),
        // By chance two letters of Latin-1 look like one of UTF-8, but not most of them.
        (None, Some(line)) if seen.letters > seen.broken => Err(Spoilt::Bytes { line }),
        (None, Some(_)) => Ok(WINDOWS_1252),
    })
}

/// What was seen of a text that is read as one encoding.
#[derive(Default)]
struct Seen {
    /// Lines that have ended.
    lines: u64,
    /// Letters beyond ASCII.
    letters: u64,
    /// Places where bytes are none of the encoding.
    broken: u64,
    /// The line of the first of them, counted from 1.
    first_broken: Option<u64>,
}

impl Seen {
    /// Looks at the next bytes.
    fn look(&mut self, decoder: &mut Decoder, bytes: &[u8], scratch: &mut [u8], is_last: bool) {
        let mut rest = bytes;
        loop {
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(rest, scratch, is_last);
            for byte in &scratch[..written] {
                // Every letter beyond ASCII begins with one byte of this form.
                self.letters += u64::from(*byte >= 0xc0);
                self.lines += u64::from(*byte == b'\n');
            }
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.broken += 1;
                    self.first_broken.get_or_insert(self.lines + 1);
                }
            }
        }
    }
}

/// Reads until `piece` is full or the source ends: a short read must not look like the end.
fn fill(source: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match source.read(&mut piece[length..]) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// A text in any encoding, read as UTF-8 without its byte order mark.
pub struct Utf8<R> {
    source: R,
    decoder: Decoder,
    piece: Vec<u8>,
    text: String,
    at: usize,
    is_over: bool,
}

impl<R: Read> Utf8<R> {
    /// The text of `source`, which is in `encoding`.
    pub fn new(source: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        let piece = vec![0; PIECE_BYTES];
        Self { source, decoder, piece, text: String::new(), at: 0, is_over: false }
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let length = fill(&mut self.source, &mut self.piece)?;
        self.is_over = length == 0;
        self.text.clear();
        self.at = 0;
        let most = self.decoder.max_utf8_buffer_length(length);
        self.text.reserve(most.unwrap_or_default());
        let piece = &self.piece[..length];
        let (result, _, _) = self.decoder.decode_to_string(piece, &mut self.text, self.is_over);
        match result {
            CoderResult::InputEmpty => Ok(()),
            CoderResult::OutputFull => Err(io::ErrorKind::OutOfMemory.into()),
        }
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.is_over {
            self.next_piece()?;
        }
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_16LE;
    use proptest::prelude::*;

    use super::*;

    /// Hands out one byte at a time, so that letters are torn apart.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let length = self.0.len().min(out.len()).min(1);
            out[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn recognised(bytes: &[u8]) -> Result<&'static Encoding, Spoilt> {
        recognise(&mut Slow(bytes)).unwrap()
    }

    fn decoded(bytes: &[u8]) -> String {
        let mut text = String::new();
        let encoding = recognised(bytes).unwrap();
        Utf8::new(Slow(bytes), encoding).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn utf_8_is_recognised_with_and_without_its_mark() {
        assert_eq!(recognised("São João".as_bytes()), Ok(UTF_8));
        assert_eq!(recognised(b""), Ok(UTF_8));
        assert_eq!(decoded("\u{feff}São João".as_bytes()), "São João");
    }

    #[test]
    fn a_file_without_letters_of_utf_8_is_latin_1() {
        assert_eq!(decoded(b"S\xe3o Jo\xe3o \x80"), "São João €");
        let mut late = vec![b'a'; 3 * PIECE_BYTES];
        late.push(0xe7);
        assert_eq!(recognised(&late), Ok(WINDOWS_1252));
        assert!(decoded(&late).ends_with("aç"));
    }

    #[test]
    fn some_broken_bytes_among_letters_of_utf_8_are_told_by_their_line() {
        let mut mixed = "Ção\nJoão\n".as_bytes().to_vec();
        mixed.extend(b"caf\xe9\nmais\n");
        assert_eq!(recognised(&mixed), Err(Spoilt::Bytes { line: 3 }));
        // Latin-1 in which two letters look like one of UTF-8.
        let latin = b"S\xe3o Jo\xe3o: \xc3\xa9\n";
        assert_eq!(recognised(latin), Ok(WINDOWS_1252));
    }

    #[test]
    fn a_letter_torn_apart_at_the_end_is_not_utf_8() {
        assert_eq!(recognised(b"caf\xc3"), Ok(WINDOWS_1252));
    }

    #[test]
    fn a_letter_on_the_border_of_two_pieces_stays_whole() {
        for ahead in PIECE_BYTES - 2..=PIECE_BYTES {
            let text = "a".repeat(ahead) + "ção";
            assert_eq!(recognised(text.as_bytes()), Ok(UTF_8));
            assert_eq!(decoded(text.as_bytes()), text);
        }
    }

    #[test]
    fn a_mark_decides_and_must_be_true() {
        assert_eq!(recognised(b"\xff\xfeS\0\xe3\0"), Ok(UTF_16LE));
        assert_eq!(decoded(b"\xff\xfeS\0\xe3\0"), "Sã");
        assert_eq!(recognised(b"\xef\xbb\xbfS\xe3o"), Err(Spoilt::Mark));
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,300}") {
            prop_assert_eq!(decoded(text.as_bytes()), text);
        }
    }
}
