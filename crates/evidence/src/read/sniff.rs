//! What a file is, by its first bytes.

use std::io::Read;

use model::Diagnostic;

use super::ReadOptions;
use super::fault::Fault;
use super::input::{Compression, Input};
use crate::finding::{Place, shorten, warning};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text(Compression),
    Parquet,
    Xlsx,
    Ods,
}

/// Binary formats that people take for tables, by their first bytes.
const BINARY: [&[u8]; 12] = [
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x7fELF",
    b"MZ\x90",
    b"BZh",
    b"\xfd7zXZ\0",
    b"7z\xbc\xaf",
    b"Rar!",
    b"SQLite format 3\0",
    b"ARROW1",
];

pub(crate) fn form(input: &Input, options: &ReadOptions) -> Result<Form, Fault> {
    let start = input.start(8 << 10)?;
    if start.is_empty() {
        return Err(Fault::Empty);
    }
    if start.starts_with(b"PAR1") {
        return Ok(Form::Parquet);
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return workbook(input);
    }
    if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(Fault::OldSpreadsheet);
    }
    let compression = compression(&start);
    let mut text = Vec::new();
    if compression == Compression::None {
        text = start;
    } else {
        // Unpacked once without keeping it: a bomb or a broken end is found before a row is stored.
        std::io::copy(
            &mut input.stream(compression, options)?,
            &mut std::io::sink(),
        )?;
        input
            .stream(compression, options)?
            .take(8 << 10)
            .read_to_end(&mut text)?;
        if text.is_empty() {
            return Err(Fault::Empty);
        }
    }
    not_text(&text)?;
    Ok(Form::Text(compression))
}

/// How a stream that begins so is packed.
pub(crate) fn compression(start: &[u8]) -> Compression {
    match start {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Refuses what is certainly no table of text.
pub(crate) fn not_text(start: &[u8]) -> Result<(), Fault> {
    if BINARY.iter().any(|magic| start.starts_with(magic)) {
        let words: String = String::from_utf8_lossy(&start[..start.len().min(8)]).into_owned();
        return Err(Fault::Binary(shorten(&words)));
    }
    let bare = start
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(start)
        .trim_ascii_start();
    let lower = bare[..bare.len().min(15)].to_ascii_lowercase();
    if lower.starts_with(b"<!doctype") || lower.starts_with(b"<html") || lower.starts_with(b"<?xml")
    {
        return Err(Fault::Html);
    }
    if bare.starts_with(b"{\"")
        || bare.starts_with(b"[{")
        || bare.starts_with(b"{\n")
        || bare.starts_with(b"{ \"")
    {
        return Err(Fault::Json);
    }
    // Control characters that no text file holds; NUL has a finding of its own, with its line.
    let strange = start
        .iter()
        .filter(|b| **b < 0x20 && !matches!(**b, 0 | b'\t' | b'\n' | b'\r' | 0x0c | 0x1a))
        .count();
    let marked = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    if !marked && strange > 4 && strange * 20 > start.len() {
        return Err(Fault::Binary(shorten(&String::from_utf8_lossy(
            &start[..start.len().min(16)],
        ))));
    }
    Ok(())
}

/// Zip archives: a workbook, or something else.
fn workbook(input: &Input) -> Result<Form, Fault> {
    let archive = zip::ZipArchive::new(input.open()?).map_err(|_| Fault::Truncated)?;
    let names: Vec<String> = archive
        .file_names()
        .flatten()
        .map(std::borrow::Cow::into_owned)
        .collect();
    let holds = |name: &str| names.iter().any(|known| known == name);
    if holds("xl/workbook.xml") {
        Ok(Form::Xlsx)
    } else if holds("xl/workbook.bin") {
        Err(Fault::OldSpreadsheet)
    } else if holds("content.xml") {
        Ok(Form::Ods)
    } else {
        Err(Fault::Archive)
    }
}

/// A name that promises another format is worth a word; the content decides.
pub(super) fn check_extension(name: &str, form: Form, findings: &mut Vec<Diagnostic>) {
    let lower = name.to_lowercase();
    let extension = lower
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    let (fits, what) = match form {
        Form::Text(Compression::Gzip) => (extension == "gz", "gzip"),
        Form::Text(Compression::Zstd) => (matches!(extension, "zst" | "zstd"), "zstd"),
        Form::Text(Compression::None) => {
            let other = ["xlsx", "xls", "xlsm", "ods", "parquet", "gz", "zst", "zip"];
            (!other.contains(&extension), "CSV")
        }
        Form::Parquet => (matches!(extension, "parquet" | "pq"), "Parquet"),
        Form::Xlsx => (matches!(extension, "xlsx" | "xlsm"), "XLSX"),
        Form::Ods => (extension == "ods", "ODS"),
    };
    if !fits {
        findings.push(warning(
            "file.extension",
            Place::file(name),
            name,
            &[("format", what.into())],
        ));
    }
}
