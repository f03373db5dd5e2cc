//! Tests of reading files that people really send.

use std::io::Cursor;

use super::*;

fn open(bytes: &[u8]) -> Result<Table<Cursor<&[u8]>>, Unusable> {
    Table::open(Cursor::new(bytes))
}

fn cells(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
    let mut table = open(bytes).unwrap();
    let rows = table.rows().unwrap().map(|row| {
        let row = row.unwrap();
        (row.line, row.cells.iter().map(str::to_owned).collect())
    });
    rows.collect()
}

fn refusal(bytes: &[u8]) -> String {
    open(bytes).err().unwrap().to_string()
}

#[test]
fn comma_semicolon_and_tab_are_recognised_outside_of_quotes() {
    assert_eq!(separator_of("id,name,city"), b',');
    assert_eq!(separator_of("id;name, or company;city"), b';');
    assert_eq!(separator_of("id\tname\tx;y"), b'\t');
    assert_eq!(separator_of("\"a;b;c;d\",name"), b',');
    assert_eq!(separator_of("name"), b',');
}

#[test]
fn rows_are_trimmed_numbered_and_empty_ones_left_out() {
    let text = "id;nome\n 1 ; Padaria \n;\n\n2;\"duas\nlinhas\n\"\n3;\"Z\"";
    let expected = [(2, vec!["1", "Padaria"]), (5, vec!["2", "duas\nlinhas"]), (8, vec!["3", "Z"])];
    let expected =
        expected.map(|(line, row)| (line, row.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(cells(text.as_bytes()), expected);
    let with_returns = text.replace("linhas\n", "linhas").replace('\n', "\r\n");
    let lines: Vec<_> = cells(with_returns.as_bytes()).into_iter().map(|row| row.0).collect();
    assert_eq!(lines, [2, 5, 7]);
    assert_eq!(open(text.as_bytes()).unwrap().row_count(), 3);
}

#[test]
fn rows_may_be_read_again() {
    let mut table = open(b"id,name\n1,A\n").unwrap();
    assert_eq!(table.rows().unwrap().count(), 1);
    assert_eq!(table.rows().unwrap().count(), 1);
    assert_eq!(table.headers(), vec!["id", "name"]);
}

#[test]
fn the_mark_of_utf_8_is_not_part_of_the_first_header() {
    assert_eq!(open("\u{feff}id,nome\n".as_bytes()).unwrap().headers(), vec!["id", "nome"]);
}

#[test]
fn latin_1_is_read_as_what_it_means() {
    assert_eq!(cells(b"id;raz\xe3o\n1;Constru\xe7\xe3o\n")[0].1, ["1", "Construção"]);
}

#[test]
fn a_file_without_rows_is_a_table_and_one_without_a_header_is_not() {
    assert_eq!(open(b"id,name\n").unwrap().row_count(), 0);
    assert_eq!(refusal(b""), "it is empty: its first line must name the columns");
    assert_eq!(refusal(b"\n\n , \n"), "it is empty: its first line must name the columns");
}

#[test]
fn a_spreadsheet_is_named_as_one() {
    assert!(matches!(open(b"PK\x03\x04rest").err(), Some(Unusable::Spreadsheet)));
}

#[test]
fn a_broken_encoding_is_refused() {
    assert!(matches!(open(b"\xef\xbb\xbfid\xe3").err(), Some(Unusable::BrokenEncoding)));
}

#[test]
fn a_file_with_too_many_columns_is_refused() {
    let header = ["c"; MAX_COLUMNS + 1].join(",");
    assert!(matches!(open(header.as_bytes()).err(), Some(Unusable::TooManyColumns)));
}

/// A source without end that counts what is taken from it.
struct Endless {
    head: Cursor<Vec<u8>>,
    taken: usize,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut length = self.head.read(out)?;
        if length == 0 {
            out.fill(b'x');
            length = out.len();
        }
        self.taken += length;
        Ok(length)
    }
}

#[test]
fn a_record_without_end_is_refused_before_it_fills_the_memory() {
    for (text, line) in [("id,name\n1,A\n2,", 3), ("id,name\n1,\"A\n", 2), ("id", 1)] {
        let mut text = text.as_bytes().to_vec();
        text.resize(text.len() + 3 * MAX_RECORD_BYTES, b'x');
        let error = open(&text).err();
        assert!(matches!(error, Some(Unusable::RecordTooLong { line: l }) if l == line), "{line}");
    }
}

#[test]
fn no_more_than_the_ration_is_taken_for_one_record() {
    let source = Endless { head: Cursor::new(b"1,A\n".to_vec()), taken: 0 };
    let rationed = Rationed { source, left: MAX_RECORD_BYTES };
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rationed);
    let mut reader = reader.into_records();
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.next().unwrap().is_err());
    assert_eq!(reader.reader().get_ref().source.taken, MAX_RECORD_BYTES);
}
