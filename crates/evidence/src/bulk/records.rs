//! The records of a chunk and their fields (RFC 4180, as the `csv` crate reads it).

use std::ops::Range;

use memchr::{memchr_iter, memchr2, memchr2_iter};

use super::lines::{Chunk, closing};

/// Calls `each` with every record: the text that the ranges of its fields refer to, the ranges, and its first line.
/// Blank lines are passed over.
pub(super) fn each_record(
    chunk: &Chunk,
    delimiter: u8,
    mut each: impl FnMut(&[u8], &[Range<usize>], u64),
) {
    if chunk.quoted {
        quoted(chunk, delimiter, &mut each);
    } else {
        plain(chunk, delimiter, &mut each);
    }
}

fn plain(chunk: &Chunk, delimiter: u8, each: &mut impl FnMut(&[u8], &[Range<usize>], u64)) {
    let text = &chunk.text;
    let mut fields: Vec<Range<usize>> = Vec::new();
    let mut line = chunk.line;
    let mut start = 0;
    for at in memchr2_iter(delimiter, b'\n', text) {
        if text[at] == b'\n' {
            fields.push(start..without_return(text, start, at));
            give(text, &mut fields, line, each);
            line += 1;
        } else {
            fields.push(start..at);
        }
        start = at + 1;
    }
    if start < text.len() || !fields.is_empty() {
        fields.push(start..without_return(text, start, text.len()));
        give(text, &mut fields, line, each);
    }
}

fn give(
    text: &[u8],
    fields: &mut Vec<Range<usize>>,
    line: u64,
    each: &mut impl FnMut(&[u8], &[Range<usize>], u64),
) {
    if fields.len() > 1 || !fields[0].is_empty() {
        each(text, fields, line);
    }
    fields.clear();
}

fn without_return(text: &[u8], start: usize, end: usize) -> usize {
    if end > start && text[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

/// Fields are unquoted into a buffer of the record.
fn quoted(chunk: &Chunk, delimiter: u8, each: &mut impl FnMut(&[u8], &[Range<usize>], u64)) {
    let text = &chunk.text;
    let mut fields: Vec<Range<usize>> = Vec::new();
    let mut buffer: Vec<u8> = Vec::new();
    let (mut line, mut record_line) = (chunk.line, chunk.line);
    let mut at = 0;
    loop {
        let start = buffer.len();
        let opened = text.get(at) == Some(&b'"');
        if opened {
            // Chunks end outside quotes; the end of the text closes what a caller left open.
            let close = closing(text, at + 1).unwrap_or(text.len());
            unquote(&text[at + 1..close], &mut buffer);
            line += memchr_iter(b'\n', &text[at + 1..close]).count() as u64;
            at = (close + 1).min(text.len());
        }
        let end = memchr2(delimiter, b'\n', &text[at..]).map_or(text.len(), |found| at + found);
        let ends_record = text.get(end) != Some(&delimiter);
        let stop = if ends_record {
            without_return(text, at, end)
        } else {
            end
        };
        buffer.extend_from_slice(&text[at..stop]);
        fields.push(start..buffer.len());
        at = end + 1;
        if ends_record {
            if at > text.len() && fields.len() == 1 && fields[0].is_empty() && !opened {
                return;
            }
            give(&buffer, &mut fields, record_line, each);
            buffer.clear();
            line += 1;
            record_line = line;
        }
        if at > text.len() || (at == text.len() && ends_record) {
            return;
        }
    }
}

fn unquote(mut field: &[u8], buffer: &mut Vec<u8>) {
    while let Some(quote) = memchr::memchr(b'"', field) {
        buffer.extend_from_slice(&field[..=quote]);
        field = field.get(quote + 2..).unwrap_or_default();
    }
    buffer.extend_from_slice(field);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::lines::Chunks;
    use super::*;
    use crate::read::fault::Fault;

    fn ours(text: &str, size: usize) -> Result<Vec<(u64, Vec<String>)>, Fault> {
        let mut chunks = Chunks::new(text.as_bytes(), b',', size, 1 << 20);
        let mut records = Vec::new();
        while let Some(chunk) = chunks.next()? {
            each_record(&chunk, b',', |text, fields, line| {
                let cell = |r: &Range<usize>| String::from_utf8(text[r.clone()].to_vec()).unwrap();
                records.push((line, fields.iter().map(cell).collect()));
            });
        }
        Ok(records)
    }

    fn csv_crate(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        reader
            .records()
            .map(|r| r.unwrap().iter().map(str::to_owned).collect())
            .filter(|r: &Vec<String>| r.len() > 1 || !r[0].is_empty())
            .collect()
    }

    #[test]
    fn lines_of_records_are_those_of_an_editor() {
        let text = "a,b\r\n\"x\ny\",1\n\n2,\"q \"\"r\"\"\"\n5\" wafer,z";
        for size in 1..40 {
            let found = ours(text, size).unwrap();
            let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [1, 2, 5, 6], "chunks of {size}");
            assert_eq!(found[1].1, ["x\ny", "1"]);
            assert_eq!(found[2].1, ["2", "q \"r\""]);
            assert_eq!(found[3].1, ["5\" wafer", "z"]);
        }
    }

    #[test]
    fn open_quotes_and_zeros_are_found_where_they_stand() {
        for size in 1..30 {
            let open = ours("a,b\n1,\"x\n2,y\n", size).unwrap_err();
            assert_eq!(open, Fault::UnclosedQuote { line: 2 });
            let zero = ours("a,b\n1,2\n3,\0\n", size).unwrap_err();
            assert_eq!(zero, Fault::Nul { line: 3 });
        }
        let mut endless = Chunks::new(std::io::repeat(b'x'), b',', 64, 1000);
        let fault = endless.next().unwrap_err();
        assert_eq!(
            fault,
            Fault::RecordTooLong {
                line: 1,
                limit: 1000
            }
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn chunks_of_any_size_read_as_the_csv_crate(
            cells in proptest::collection::vec(("[a\",\n 1é]{0,6}", 0..3_u8, 0..4_u8), 1..40),
            size in 1_usize..65,
        ) {
            let mut text = String::new();
            for (cell, form, end) in cells {
                match form {
                    0 => text.push_str(&cell.replace([',', '"', '\n'], "")),
                    1 => text.push_str(&format!("x{}", cell.replace([',', '\n'], ""))),
                    _ => text.push_str(&format!("\"{}\"", cell.replace('"', "\"\""))),
                }
                text.push_str([",", "\n", "\r\n", ","][usize::from(end)]);
            }
            let found: Vec<Vec<String>> = ours(&text, size).unwrap().into_iter().map(|(_, r)| r).collect();
            prop_assert_eq!(found, csv_crate(&text), "{:?}", text);
        }
    }
}
