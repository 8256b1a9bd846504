//! Separated text: the encoding, the delimiter, then the records with the line where each begins.

use std::io::Read;

use encoding_rs::UTF_8;
use model::{Arg, Diagnostic};

use super::encoding::{Decoded, Detected, Evidence, by_label, by_letters, by_start};
use super::fault::Fault;
use super::guard::Guard;
use super::input::{Compression, Input};
use super::{Format, RawRow, RawTable, ReadOptions, is_space};
use crate::finding::{Place, error, note, warning};

pub(super) fn read(
    input: &Input,
    compression: Compression,
    name: &str,
    options: &ReadOptions,
    findings: &mut Vec<Diagnostic>,
) -> Result<RawTable, Fault> {
    let open = || input.stream(compression, options);
    let mut detected = if let Some(label) = &options.encoding {
        by_label(label)?
    } else {
        let mut start = Vec::new();
        open()?.take(4 << 10).read_to_end(&mut start)?;
        by_start(&start)
    };
    let mut rows = Vec::new();
    let mut result = records(open()?, detected, name, options, &mut rows);
    // Not UTF-8 after all: ask the letters, once.
    let may_guess = options.encoding.is_none() && detected.plain;
    if let (true, Err(Fault::Undecodable { line, .. })) = (may_guess, &result) {
        let line = *line;
        detected = by_letters(open()?)?;
        rows.clear();
        result = records(open()?, detected, name, options, &mut rows);
        if result.is_err() {
            // The guess was wrong as well; what the user can mend is the byte that is no UTF-8.
            return Err(Fault::Undecodable {
                line,
                encoding: UTF_8.name(),
            });
        }
    }
    let (mut table, found) = result?;
    table.rows = rows;
    say_encoding(detected, name, findings);
    findings.extend(found);
    Ok(table)
}

fn say_encoding(detected: Detected, name: &str, findings: &mut Vec<Diagnostic>) {
    let place = Place::file(name);
    let encoding = detected.encoding.name();
    let args = [("encoding", Arg::from(encoding))];
    match detected.evidence {
        Evidence::Certain if detected.plain => {}
        Evidence::Certain => findings.push(note("encoding.detected", place, encoding, &args)),
        Evidence::Guessed => findings.push(note("encoding.guessed", place, encoding, &args)),
    }
}

fn records(
    stream: Box<dyn Read + '_>,
    detected: Detected,
    name: &str,
    options: &ReadOptions,
    rows: &mut Vec<RawRow>,
) -> Result<(RawTable, Vec<Diagnostic>), Fault> {
    let mut findings = Vec::new();
    let mut decoded = Decoded::new(stream, detected.encoding);
    let start = sample(&mut decoded)?;
    let delimiter = match options.delimiter.map(u8::try_from) {
        Some(Ok(delimiter)) => delimiter,
        _ => sniff_delimiter(&start),
    };
    let guard = Guard::new(
        start.as_slice().chain(decoded),
        delimiter,
        options.max_record_bytes,
    );
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(guard);
    let mut record = csv::StringRecord::new();
    if !next(&mut reader, &mut record)? {
        return Err(Fault::Empty);
    }
    let columns: Vec<String> = record
        .iter()
        .map(|h| h.trim_matches(is_space).to_owned())
        .collect();
    if columns.iter().all(String::is_empty) {
        return Err(Fault::Empty);
    }
    let mut unreadable = Vec::new();
    while next(&mut reader, &mut record)? {
        let number = line(&reader, &record);
        if record
            .iter()
            .all(|cell| cell.trim_matches(is_space).is_empty())
        {
            if record.len() > 1 {
                findings.push(warning("row.blank", Place::row(name, number), "", &[]));
            }
            continue;
        }
        let surplus_is_empty = record
            .iter()
            .skip(columns.len())
            .all(|cell| cell.trim_matches(is_space).is_empty());
        if record.len() < columns.len() || !surplus_is_empty {
            let found = record.iter().collect::<Vec<_>>().join(" | ");
            let args = [
                ("cells", Arg::from(record.len())),
                ("columns", Arg::from(columns.len())),
            ];
            findings.push(error("row.ragged", Place::row(name, number), &found, &args));
            unreadable.push(number);
            continue;
        }
        if record.len() > columns.len() {
            record.truncate(columns.len());
        }
        rows.push(RawRow {
            number,
            cells: record.clone(),
        });
    }
    let format = Format {
        encoding: detected.encoding.name().to_owned(),
        delimiter: Some(char::from(delimiter)),
        sheet: None,
    };
    let file = name.to_owned();
    let table = RawTable {
        file,
        columns,
        rows: Vec::new(),
        unreadable,
        format,
        blake3: String::new(),
    };
    Ok((table, findings))
}

fn next<R: Read>(
    reader: &mut csv::Reader<R>,
    record: &mut csv::StringRecord,
) -> Result<bool, Fault> {
    reader.read_record(record).map_err(|e| match e.into_kind() {
        csv::ErrorKind::Io(e) => Fault::from_io(&e),
        other => Fault::Damaged(format!("{other:?}")),
    })
}

/// The line where `record` begins. The reader stands behind the record's line end, and blank lines before the
/// record are not part of it, so counting back from its end is exact.
fn line<R: Read>(reader: &csv::Reader<R>, record: &csv::StringRecord) -> u64 {
    let inside: usize = record
        .iter()
        .map(|cell| memchr::memchr_iter(b'\n', cell.as_bytes()).count())
        .sum();
    reader
        .position()
        .line()
        .saturating_sub(1 + inside as u64)
        .max(1)
}

/// The first 64 KiB of text.
fn sample(decoded: &mut Decoded) -> Result<Vec<u8>, Fault> {
    const SAMPLE: usize = 64 << 10;
    let mut start = vec![0; SAMPLE];
    let mut filled = 0;
    while SAMPLE - filled >= 16 {
        match decoded.read(&mut start[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    start.truncate(filled);
    Ok(start)
}

/// The separator that splits the header and the next lines into the same number of cells, more than one.
pub(crate) fn sniff_delimiter(start: &[u8]) -> u8 {
    /// Of equals the first wins: a tab hardly ever stands in text, a comma often does.
    const CANDIDATES: [u8; 4] = *b"\t,;|";
    let score = |delimiter: u8| -> (usize, usize) {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(start);
        let mut record = csv::ByteRecord::new();
        let (mut width, mut alike) = (0, 0);
        for row in 0..20 {
            match reader.read_byte_record(&mut record) {
                Ok(true) if row == 0 => width = record.len(),
                Ok(true) if record.len() == width => alike += 1,
                Ok(true) => {}
                Ok(false) | Err(_) => break,
            }
        }
        if width < 2 { (0, 0) } else { (alike, width) }
    };
    let best = CANDIDATES
        .into_iter()
        .rev()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(b',');
    if score(best) == (0, 0) {
        widest_header(start)
    } else {
        best
    }
}

/// When no line agrees with the header, the header alone decides.
fn widest_header(start: &[u8]) -> u8 {
    let header = start
        .split(|b| matches!(b, b'\n' | b'\r'))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, header).count();
    // The first of equals, so that a single column reads as CSV.
    *b",\t;|"
        .iter()
        .rev()
        .max_by_key(|delimiter| count(**delimiter))
        .unwrap_or(&b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_splits_evenly() {
        assert_eq!(sniff_delimiter(b"a,b\n1,2\n"), b',');
        assert_eq!(sniff_delimiter(b"a;b\n1,5;2\n"), b';');
        assert_eq!(sniff_delimiter(b"id,names\nx,a;b;c\ny,d;e\n"), b',');
        assert_eq!(sniff_delimiter(b"id\tname, long\nx\ty, z\n"), b'\t');
        assert_eq!(sniff_delimiter(b"id\nx\n"), b',');
        assert_eq!(sniff_delimiter(b"id;name\n"), b';');
        assert_eq!(sniff_delimiter(b"\"a;b;c\",d\n\"e;f\",g\n"), b',');
    }
}
